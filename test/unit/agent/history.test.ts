import { expect } from "chai";
import fc from "fast-check";
import {
  compareHistories,
  rankCopies,
  successorsIn,
  type History,
  type Volume,
} from "../../../workers/agent/history.ts";
import { data, empty, unrecorded } from "./worlds.ts";

function history(id: string, offset: number, more: Partial<History> = {}): History {
  return { replicationId: id, offset, superseded: [], complete: false, ...more };
}

function rank(volumes: readonly Volume[], preferred?: string): ReturnType<typeof rankCopies> {
  const copies = volumes.map((volume, ordinal) => ({ name: `n${ordinal}`, ordinal, volume }));
  return rankCopies(copies, preferred);
}

describe("the order of two histories", () => {
  const none = successorsIn([]);

  it("goes by offset within one stream", () => {
    expect(compareHistories(history("a", 2), history("a", 1), none)).to.equal("newer");
    expect(compareHistories(history("a", 1), history("a", 2), none)).to.equal("older");
    expect(compareHistories(history("a", 2), history("a", 2), none)).to.equal("same");
  });

  it("takes the generator's complete copy for the newest of its stream, whatever the estimates say", () => {
    expect(compareHistories(history("a", 90, { complete: true }), history("a", 100), none)).to.equal("newer");
    expect(compareHistories(history("a", 100), history("a", 90, { complete: true }), none)).to.equal("older");
  });

  it("takes a stream that followed for newer, though the older one's offset is higher", () => {
    const promoted = history("b", 10, { superseded: ["a"] });
    const left = history("a", 99);
    expect(compareHistories(promoted, left, successorsIn([promoted, left]))).to.equal("newer");
    expect(compareHistories(left, promoted, successorsIn([promoted, left]))).to.equal("older");
  });

  it("follows a chain through ids that only a third node remembers", () => {
    const knows = successorsIn([
      history("b", 1, { superseded: ["a"] }),
      history("c", 1, { superseded: ["b"] }),
    ]);
    expect(compareHistories(history("c", 0), history("a", 9), knows)).to.equal("newer");
  });

  it("is unknown between unrelated streams, and in a loop", () => {
    const loop = successorsIn([
      history("a", 1, { superseded: ["b"] }),
      history("b", 1, { superseded: ["a"] }),
    ]);
    expect(compareHistories(history("a", 9), history("b", 1), none)).to.equal("unknown");
    expect(compareHistories(history("a", 9), history("b", 1), loop)).to.equal("unknown");
  });

  it("is the opposite when the sides are swapped", () => {
    const any = fc.record({
      replicationId: fc.constantFrom("a", "b", "c", "d"),
      offset: fc.nat({ max: 3 }),
      superseded: fc.subarray(["a", "b", "c", "d"]),
      complete: fc.boolean(),
    });
    const opposite = { newer: "older", older: "newer", same: "same", unknown: "unknown" } as const;
    fc.assert(
      fc.property(any, any, fc.array(any, { maxLength: 3 }), (left, right, others) => {
        const known = successorsIn([left, right, ...others]);
        expect(compareHistories(right, left, known)).to.equal(opposite[compareHistories(left, right, known)]);
      }),
    );
  });
});

describe("the ranking of copies", () => {
  it("lists every node by ordinal when all are empty, the preferred one first", () => {
    expect(rank([empty, empty])).to.deep.equal({ kind: "ranked", best: ["n0", "n1"], allEmpty: true });
    expect(rank([empty, empty], "n1")).to.deep.include({ best: ["n1", "n0"] });
  });

  it("never prefers an empty node to one with data, not even with data of unknown history", () => {
    expect(rank([empty, data("a", 0)], "n0")).to.deep.include({ best: ["n1"], allEmpty: false });
    expect(rank([empty, unrecorded()], "n0")).to.deep.include({ best: ["n1"], allEmpty: false });
  });

  it("breaks ties by size, then by the later change, then by ordinal", () => {
    const copy = (bytes: number, modifiedMs: number): Volume =>
      ({ ...data("a", 5), bytes, modifiedMs }) as Volume;
    expect(rank([copy(1, 9), copy(2, 1)])).to.deep.include({ best: ["n1", "n0"] });
    expect(rank([copy(1, 1), copy(1, 9)])).to.deep.include({ best: ["n1", "n0"] });
    expect(rank([copy(1, 1), copy(1, 1)])).to.deep.include({ best: ["n0", "n1"] });
    expect(rank([copy(1, 1), copy(1, 1)], "n1")).to.deep.include({ best: ["n1", "n0"] });
  });

  it("is decidable when only older copies are unrelated to each other", () => {
    const newest = data("c", 1, { superseded: ["a", "b"] });
    expect(rank([data("a", 9), data("b", 9), newest])).to.deep.include({ kind: "ranked", best: ["n2"] });
  });

  it("names two unrelated copies, and those that an override may pick from", () => {
    const ranking = rank([data("a", 1), data("b", 9), data("a", 0)]);
    expect(ranking).to.deep.include({ kind: "undecidable", contenders: ["n1", "n0"] });
    expect(rank([data("a", 1), unrecorded()])).to.deep.include({
      kind: "undecidable",
      between: ["n1", "n0"],
    });
  });
});
