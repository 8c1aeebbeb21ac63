import { expect } from "chai";
import fc from "fast-check";
import { judgeDue, judgeStray, type EntryState } from "../../../../workers/cleanup/judge.ts";

const NOW = 1_700_000_000_000;

type Present = Extract<EntryState, { state: "present" }>;

function entry(fields: Partial<Present>): Present {
  return {
    state: "present",
    ttlMs: undefined,
    idleDeadlineMs: undefined,
    absoluteDeadlineMs: undefined,
    legacy: { state: "unknown" },
    user: undefined,
    ...fields,
  };
}

const anyTime = fc.option(fc.integer({ min: NOW - 1_000, max: NOW + 1_000 }), { nil: undefined });
const anyEntry = fc
  .record({
    ttlMs: fc.option(fc.nat(1_000), { nil: undefined }),
    idleDeadlineMs: anyTime,
    absoluteDeadlineMs: anyTime,
    legacyMs: anyTime,
  })
  .map(({ legacyMs, ...rest }) =>
    entry({
      ...rest,
      legacy: legacyMs === undefined ? { state: "unknown" } : { state: "known", deadlineMs: legacyMs },
    }),
  );

describe("judging entries", () => {
  it("ends a due entry past its absolute deadline, TTL or not", () => {
    expect(judgeDue(entry({ ttlMs: 500, absoluteDeadlineMs: NOW }), NOW)).to.deep.equal({
      verdict: "expired",
    });
  });

  it("believes a TTL, but never beyond the absolute deadline", () => {
    expect(judgeDue(entry({ ttlMs: 500 }), NOW)).to.deep.equal({ verdict: "live", untilMs: NOW + 500 });
    const capped = entry({ ttlMs: 500, absoluteDeadlineMs: NOW + 100 });
    expect(judgeDue(capped, NOW)).to.deep.equal({ verdict: "live", untilMs: NOW + 100 });
  });

  it("ends a due entry without TTL and without deadline, but never a stray one", () => {
    expect(judgeDue(entry({}), NOW)).to.deep.equal({ verdict: "expired" });
    expect(judgeStray(entry({}), NOW)).to.deep.equal({ verdict: "undecidable" });
  });

  it("leaves unreadable content without TTL alone in both", () => {
    const torn = entry({ legacy: { state: "malformed" } });
    expect(judgeDue(torn, NOW)).to.deep.equal({ verdict: "malformed" });
    expect(judgeStray(torn, NOW)).to.deep.equal({ verdict: "malformed" });
  });

  it("prefers the model's own deadlines to those of older applications", () => {
    const both = entry({ idleDeadlineMs: NOW + 5, legacy: { state: "known", deadlineMs: NOW - 5 } });
    expect(judgeStray(both, NOW)).to.deep.equal({ verdict: "live", untilMs: NOW + 5 });
  });

  it("never ends a stray that has a TTL, nor one without a deadline that has passed", () => {
    fc.assert(
      fc.property(anyEntry, (it) => {
        if (judgeStray(it, NOW).verdict !== "expired") return;
        expect(it.ttlMs).to.equal(undefined);
        const times = [
          it.idleDeadlineMs,
          it.absoluteDeadlineMs,
          it.legacy.state === "known" ? it.legacy.deadlineMs : undefined,
        ];
        expect(times.some((time) => time !== undefined && time <= NOW)).to.equal(true);
      }),
    );
  });

  it("never moves a live entry to a time that has passed", () => {
    fc.assert(
      fc.property(anyEntry, (it) => {
        const verdict = judgeDue(it, NOW);
        if (verdict.verdict === "live") expect(verdict.untilMs).to.be.at.least(NOW);
      }),
    );
  });
});
