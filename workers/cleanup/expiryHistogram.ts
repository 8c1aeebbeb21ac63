/** Sub-buckets per doubling: neighbours differ by about 1.6 percent. */
const STEPS_PER_DOUBLING = 64;

/** Which entries of a service have to go. */
export interface EvictionPlan {
  /** Every entry in a bucket below this one goes. */
  readonly boundaryBucket: number;
  /** How many of the entries in the boundary bucket go. */
  readonly fromBoundary: number;
  /** How many go in all. */
  readonly excess: number;
}

/**
 * Counts entries by remaining lifetime, coarsely: its size depends on the spread of lifetimes, not on the
 * number of entries. Enough to know where the cut runs; the order inside the bucket at the cut is found in a
 * second pass.
 */
export class ExpiryHistogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;

  /** Entries counted so far. */
  get count(): number {
    return this.#count;
  }

  /** @param remainingMs lifetime left at one reference moment that all calls share */
  add(remainingMs: number): void {
    const bucket = bucketOf(remainingMs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
  }

  /** What must go to leave `keep` entries, those that expire soonest first; undefined when nothing must. */
  plan(keep: number): EvictionPlan | undefined {
    const excess = this.#count - keep;
    if (excess <= 0) return undefined;
    let below = 0;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      const size = this.#buckets.get(bucket) ?? 0;
      if (below + size >= excess) return { boundaryBucket: bucket, fromBoundary: excess - below, excess };
      below += size;
    }
    return undefined;
  }
}

/** The bucket of a remaining lifetime; larger lifetimes never have smaller buckets. */
export function bucketOf(remainingMs: number): number {
  return remainingMs < 1 ? 0 : 1 + Math.floor(Math.log2(remainingMs) * STEPS_PER_DOUBLING);
}
