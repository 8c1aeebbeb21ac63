import { expect } from "chai";
import {
  LATEST_ZONE_OFFSET_MS,
  parseInstantMs,
  readLegacyJson,
} from "../../../../workers/cleanup/deadlines.ts";

const MOMENT = Date.UTC(2024, 0, 15, 18, 30);

describe("deadlines", () => {
  it("reads milliseconds, seconds and ISO 8601", () => {
    expect(parseInstantMs(MOMENT)).to.equal(MOMENT);
    expect(parseInstantMs(String(MOMENT))).to.equal(MOMENT);
    expect(parseInstantMs(MOMENT / 1_000)).to.equal(MOMENT);
    expect(parseInstantMs("1705343400.5")).to.equal(MOMENT + 500);
    expect(parseInstantMs("2024-01-15T18:30:00Z")).to.equal(MOMENT);
    expect(parseInstantMs("2024-01-15 20:30:00+02:00")).to.equal(MOMENT);
  });

  it("reads a time without zone as the latest that it can mean", () => {
    expect(parseInstantMs("2024-01-15T18:30:00")).to.equal(MOMENT + LATEST_ZONE_OFFSET_MS);
    expect(parseInstantMs("2024-01-15T18:30:00.123456")).to.equal(MOMENT + LATEST_ZONE_OFFSET_MS + 123);
  });

  it("makes nothing of anything else", () => {
    const others = [
      null,
      undefined,
      "",
      "soon",
      "2024-01-15",
      "2024-13-45T99:99:99Z",
      NaN,
      -5,
      0,
      "0",
      {},
      true,
      "1e9",
    ];
    for (const value of others) expect(parseInstantMs(value), JSON.stringify(value)).to.equal(undefined);
  });

  it("finds the end of a session in JSON of older applications, the latest of several", () => {
    const known = { state: "known", deadlineMs: MOMENT };
    expect(readLegacyJson('{"expires_at":"2024-01-15T18:30:00Z"}')).to.deep.equal(known);
    expect(readLegacyJson(`{"expiresAt":${MOMENT}}`)).to.deep.equal(known);
    expect(readLegacyJson('{"cookie":{"expires":"2024-01-15T18:30:00.000Z"},"expires":1}')).to.deep.equal(
      known,
    );
  });

  it("tells unknown from malformed", () => {
    for (const text of [
      '{"tokens":{"expires_in":300}}',
      "{}",
      "[]",
      "null",
      "12",
      '{"cookie":{"expires":null}}',
    ]) {
      expect(readLegacyJson(text), text).to.deep.equal({ state: "unknown" });
    }
    for (const text of ["", '{"expires_at":"2024-0', "plain"]) {
      expect(readLegacyJson(text), text).to.deep.equal({ state: "malformed" });
    }
  });
});
