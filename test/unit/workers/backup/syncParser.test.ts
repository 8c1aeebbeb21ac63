import { expect } from "chai";
import fc from "fast-check";
import { SnapshotError } from "../../../../workers/backup/errors/snapshotError.ts";
import { SyncParser } from "../../../../workers/backup/syncParser.ts";

const MARK = "0123456789abcdef0123456789abcdef01234567";
const HEAD = "+OK\r\n\n\n+FULLRESYNC abc 12\r\n\n\n";

interface Read {
  readonly lines: string[];
  readonly payload: Buffer;
  readonly ends: number;
}

function read(bytes: Buffer, cuts: readonly number[]): Read {
  const parser = new SyncParser();
  const positions = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const events = positions.slice(1).flatMap((end, at) => parser.push(bytes.subarray(positions[at], end)));
  return {
    lines: events.flatMap((event) => (event.type === "line" ? [event.text] : [])),
    payload: Buffer.concat(events.flatMap((event) => (event.type === "payload" ? [event.bytes] : []))),
    ends: events.filter((event) => event.type === "end").length,
  };
}

function everyByte(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);
}

describe("SyncParser", () => {
  const payload = Buffer.from("REDIS0010\n\r\n$EOF:+OK\r\n\u0000\u00ff rest");
  const byLength = Buffer.concat([Buffer.from(`${HEAD}$${payload.length}\r\n`), payload]);
  const byMark = Buffer.concat([Buffer.from(`${HEAD}$EOF:${MARK}\r\n`), payload, Buffer.from(MARK)]);

  for (const [name, bytes] of [
    ["by length", byLength],
    ["by mark", byMark],
  ] as const) {
    it(`reads a snapshot framed ${name}, whole and byte by byte`, () => {
      for (const cuts of [[], everyByte(bytes)]) {
        const result = read(bytes, cuts);
        expect(result.lines).to.deep.equal(["+OK", "+FULLRESYNC abc 12"]);
        expect(result.payload.equals(payload)).to.equal(true);
        expect(result.ends).to.equal(1);
      }
    });

    it(`reads a snapshot framed ${name} in pieces of any size`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
          const result = read(bytes, cuts);
          expect(result.payload.equals(payload)).to.equal(true);
          expect(result.ends).to.equal(1);
        }),
      );
    });

    it(`does not take a cut-off snapshot framed ${name} for a complete one`, () => {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(read(bytes.subarray(0, length), []).ends, `length ${length}`).to.equal(0);
      }
    });
  }

  it("does not fall for beginnings of the mark inside the snapshot", () => {
    const tricky = Buffer.from(MARK.slice(0, 39) + MARK.slice(0, 20) + "x" + MARK.slice(0, 39));
    const bytes = Buffer.concat([Buffer.from(`$EOF:${MARK}\r\n`), tricky, Buffer.from(MARK)]);
    for (const cuts of [[], everyByte(bytes)]) {
      const result = read(bytes, cuts);
      expect(result.payload.equals(tricky)).to.equal(true);
      expect(result.ends).to.equal(1);
    }
  });

  it("refuses other framings and endless lines", () => {
    expect(() => new SyncParser().push(Buffer.from("$12x\r\n"))).to.throw(SnapshotError, "expected");
    expect(() => new SyncParser().push(Buffer.from("$EOF:short\r\n"))).to.throw(SnapshotError);
    expect(() => new SyncParser().push(Buffer.alloc(70_000, "a"))).to.throw(SnapshotError, "longer");
  });
});
