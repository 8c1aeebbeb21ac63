import { expect } from "chai";
import fc from "fast-check";
import { bucketOf, ExpiryHistogram } from "../../../../workers/cleanup/expiryHistogram.ts";
import { Smallest } from "../../../../workers/cleanup/smallest.ts";

const lifetimes = fc.array(fc.integer({ min: -10, max: 10_000_000 }), { maxLength: 200 });

describe("choosing what to evict", () => {
  it("never puts a longer lifetime into a lower bucket", () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 1e12 }), fc.nat(1e9), (ms, more) => {
        expect(bucketOf(ms + more)).to.be.at.least(bucketOf(ms));
      }),
    );
  });

  it("plans to evict exactly the excess, all below the cut and a part at it", () => {
    fc.assert(
      fc.property(lifetimes, fc.integer({ min: 1, max: 50 }), (values, keep) => {
        const histogram = new ExpiryHistogram();
        for (const value of values) histogram.add(value);
        const plan = histogram.plan(keep);
        if (values.length <= keep) {
          expect(plan).to.equal(undefined);
          return;
        }
        const below = values.filter((value) => bucketOf(value) < plan!.boundaryBucket).length;
        const at = values.filter((value) => bucketOf(value) === plan!.boundaryBucket).length;
        expect(below + plan!.fromBoundary).to.equal(values.length - keep);
        expect(plan!.fromBoundary).to.be.within(1, at);
      }),
    );
  });

  it("keeps the smallest of all that were offered", () => {
    fc.assert(
      fc.property(lifetimes, fc.nat(30), (values, limit) => {
        const smallest = new Smallest<number>(limit, (a, b) => a - b);
        for (const value of values) smallest.offer(value);
        expect(smallest.sorted()).to.deep.equal([...values].sort((a, b) => a - b).slice(0, limit));
      }),
    );
  });
});
