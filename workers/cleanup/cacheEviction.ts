import type { Redis } from "ioredis";
import type { Keys } from "../../client/keys.ts";
import { effectiveExpiryMs, NO_TTL, type CacheMoments } from "./cacheCensus.ts";
import { bucketOf, type EvictionPlan } from "./expiryHistogram.ts";
import type { Ledger } from "./ledger.ts";
import { allReplies, asNumber, sortReply } from "./replies.ts";
import { chunks } from "./sessionPages.ts";
import { Smallest } from "./smallest.ts";
import type { PageHandler } from "./sweep.ts";
import { KEEP, type Store, type Work } from "./writes.ts";

/** What the eviction works with. */
export interface EvictionOptions extends CacheMoments {
  readonly redis: Redis;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly batchSize: number;
  readonly dryRun: boolean;
  /** Services with too many entries. */
  readonly plans: ReadonlyMap<string, EvictionPlan>;
}

interface Candidate {
  readonly key: string;
  readonly service: string;
  /** As seen first; another value under guard means that the entry was written anew. */
  readonly expiryMs: number;
  /** Seconds since the last use; 0 where the server does not tell. */
  readonly idleSeconds: number;
}

interface ServiceState {
  /** How many entries may still be evicted. */
  left: number;
  readonly boundaryBucket: number;
  readonly selected: Smallest<Candidate>;
  /** How many go from the boundary bucket at first sight, because the selection is full. */
  unselected: number;
}

/** Entries held in memory for exact ordering, over all services; beyond it the order is that of SCAN. */
export const MAX_SELECTED = 50_000;
const MS_PER_SECOND = 1_000;

/**
 * Second pass over the cache: evicts, in services above their limit, the entries nearest to expiry, and
 * among those of the same second the longest idle. Each is looked at again under guard before it goes.
 * Entries without TTL get the default one here and not earlier, because that resets their idle time.
 */
export class CacheEviction implements PageHandler {
  readonly #options: EvictionOptions;
  readonly #states = new Map<string, ServiceState>();
  readonly #work: Work<Candidate, number | undefined>;

  constructor(options: EvictionOptions) {
    this.#options = options;
    let room = MAX_SELECTED;
    for (const [service, plan] of options.plans) {
      const selectable = Math.min(plan.fromBoundary, room);
      room -= selectable;
      this.#states.set(service, {
        left: plan.excess,
        boundaryBucket: plan.boundaryBucket,
        selected: new Smallest(selectable, byUsefulness),
        unselected: plan.fromBoundary - selectable,
      });
    }
    this.#work = {
      guards: ({ key }) => [key],
      look: (items) => this.#expiries(items.map(({ key }) => key)),
      decide: ({ key, expiryMs }, now) =>
        now === undefined || effectiveExpiryMs(now, options) !== expiryMs || options.store.hides(key)
          ? KEEP
          : { writes: [{ op: "unlink", key, counts: "cache" }] },
    };
  }

  accepts(key: string): boolean {
    return this.#options.keys.parse(key)?.kind === "cache";
  }

  look(...[pipeline, keys]: Parameters<PageHandler["look"]>): void {
    for (const key of keys) pipeline.pexpiretime(key);
  }

  async settle(...[keys, replies]: Parameters<PageHandler["settle"]>): Promise<void> {
    const certain: Candidate[] = [];
    const atBoundary: Candidate[] = [];
    const endless: string[] = [];
    keys.forEach((key, position) => {
      const parsed = this.#options.keys.parse(key);
      const expiry = asNumber(sortReply(replies[position]));
      if (parsed?.kind !== "cache" || expiry === undefined || expiry < NO_TTL) return;
      if (expiry === NO_TTL) endless.push(key);
      const state = this.#states.get(parsed.service);
      if (state === undefined) return;
      const expiryMs = effectiveExpiryMs(expiry, this.#options);
      const candidate = { key, service: parsed.service, expiryMs, idleSeconds: 0 };
      const bucket = bucketOf(expiryMs - this.#options.referenceMs);
      if (bucket < state.boundaryBucket) certain.push(candidate);
      else if (bucket === state.boundaryBucket) atBoundary.push(candidate);
    });
    for (const candidate of await this.#withIdleTimes(atBoundary)) {
      const state = this.#states.get(candidate.service);
      if (state === undefined) continue;
      if (state.unselected > 0) {
        state.unselected -= 1;
        certain.push(candidate);
      } else state.selected.offer(candidate);
    }
    await this.#giveTtl(endless);
    await this.#evict(certain);
  }

  /** Evicts what was selected at the cut; call it after the last page. */
  async finish(): Promise<void> {
    for (const state of this.#states.values()) await this.#evict(state.selected.sorted());
  }

  async #evict(candidates: readonly Candidate[]): Promise<void> {
    const allowed = candidates.filter(({ service }) => {
      const state = this.#states.get(service);
      if (state === undefined || state.left === 0) return false;
      state.left -= 1;
      return true;
    });
    for (const batch of chunks(allowed, this.#options.batchSize)) {
      await this.#options.store.settle(batch, this.#work);
    }
  }

  async #giveTtl(keys: readonly string[]): Promise<void> {
    const { dryRun, ledger, defaultExpiryMs, redis, batchSize } = this.#options;
    if (dryRun) {
      ledger.ttlSet += keys.length;
      return;
    }
    for (const batch of chunks(keys, batchSize)) {
      const pipeline = redis.pipeline();
      // NX: an entry that got a TTL from its owner meanwhile keeps that one.
      for (const key of batch) pipeline.pexpireat(key, defaultExpiryMs, "NX");
      for (const reply of allReplies(await pipeline.exec())) {
        const sorted = sortReply(reply);
        if (sorted.state === "refused") ledger.failed += 1;
        ledger.ttlSet += asNumber(sorted) ?? 0;
      }
    }
  }

  async #expiries(keys: readonly string[]): Promise<(number | undefined)[]> {
    const pipeline = this.#options.redis.pipeline();
    for (const key of keys) pipeline.pexpiretime(key);
    return allReplies(await pipeline.exec()).map((reply) => asNumber(sortReply(reply)));
  }

  async #withIdleTimes(candidates: readonly Candidate[]): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const pipeline = this.#options.redis.pipeline();
    for (const { key } of candidates) pipeline.object("IDLETIME", key);
    const replies = allReplies(await pipeline.exec());
    // Under an LFU policy the server refuses the question; then expiry alone decides.
    return candidates.map((candidate, position) => ({
      ...candidate,
      idleSeconds: asNumber(sortReply(replies[position])) ?? 0,
    }));
  }
}

function byUsefulness(a: Candidate, b: Candidate): number {
  const seconds = Math.floor(a.expiryMs / MS_PER_SECOND) - Math.floor(b.expiryMs / MS_PER_SECOND);
  return seconds === 0 ? b.idleSeconds - a.idleSeconds : seconds;
}
