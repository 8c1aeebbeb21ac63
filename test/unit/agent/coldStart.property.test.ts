import { expect } from "chai";
import fc from "fast-check";
import type { Volume } from "../../../workers/agent/history.ts";
import { ColdStartWorld, type Step } from "./coldStartWorld.ts";
import { data, empty } from "./worlds.ts";

const RUNS = 2_000;
const STREAMS = ["first", "second", "third"] as const;

/** A node stopped somewhere in a set's life: emptied, or at an offset of one of the streams that followed each other. */
const volume: fc.Arbitrary<Volume> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(empty) },
  {
    weight: 5,
    arbitrary: fc
      .record({ stream: fc.integer({ min: 0, max: 2 }), offset: fc.integer({ min: 0, max: 3 }) })
      .map(({ stream, offset }) =>
        data(STREAMS[stream] ?? "", offset, { superseded: STREAMS.slice(0, stream) }),
      ),
  },
);
const age = fc.option(fc.nat({ max: 20 }), { nil: null, freq: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("decide" as const),
      node: fc.nat({ max: 2 }),
      ages: fc.tuple(age, age, age),
      sentinelAge: fc.nat({ max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "sentinels" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("copy" as const), node: fc.nat({ max: 2 }) }) },
);
const world = fc.record({
  volumes: fc.tuple(volume, volume, volume),
  named: fc.option(fc.nat({ max: 2 }), { nil: null }),
  steps: fc.array(step, { maxLength: 30 }),
});

describe("a simulated cold start, with views of any age and nodes out of sight", () => {
  it("brings at most one primary, and that holds the highest offset of the newest history", () => {
    fc.assert(
      fc.property(world, ({ volumes, named, steps }) => {
        const set = new ColdStartWorld(volumes, named);
        for (const next of steps) set.step(next);
        expect(set.primaries).to.have.length.at.most(1);
        for (const node of set.primaries) {
          expect(ColdStartWorld.newest(volumes)).to.include(`redis-${node}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("ends with one primary and two replicas once everybody sees everybody, after whatever went before", () => {
    fc.assert(
      fc.property(world, ({ volumes, named, steps }) => {
        const set = new ColdStartWorld(volumes, named);
        for (const next of steps) set.step(next);
        set.settle();
        expect(set.roles().toSorted()).to.deep.equal(["primary", "replica", "replica"]);
        expect(set.primaries).to.have.length(1);
      }),
      { numRuns: RUNS },
    );
  });
});
