import { CacheCensus } from "./cacheCensus.ts";
import { CacheEviction } from "./cacheEviction.ts";
import type { SweepingContext } from "./context.ts";
import { createCursorStore, SCAN_START } from "./cursorStore.ts";
import type { EvictionPlan } from "./expiryHistogram.ts";
import { timeMs } from "./replies.ts";
import type { CleanupEnd } from "./sessions.ts";
import { sweep, type SweepOptions } from "./sweep.ts";

/** Everything a cleanup of the cache depends on. */
export interface CacheCleanupOptions extends SweepingContext {
  /** Most entries that a service may keep. */
  readonly maxEntriesPerService: number;
  /** TTL for entries that have none, seconds. */
  readonly defaultTtlSeconds: number;
}

/** The census may not use up the eviction's time. */
const CENSUS_SHARE = 0.5;
const MS_PER_SECOND = 1_000;

/**
 * Bounds the service cache: entries without TTL get the default one, and each service keeps at most so many
 * entries, losing those nearest to expiry first. Two passes, because what is over the limit is known only
 * after counting; nothing is kept per entry in between. The second one is left out when there is nothing to do.
 *
 * When the time does not suffice for the whole keyspace, a run bounds the part it saw, and the next run goes
 * on behind it.
 */
export async function cleanCache(options: CacheCleanupOptions): Promise<CleanupEnd> {
  const { redis, budget, logger } = options;
  const cursors = await createCursorStore({ ...options, scope: "cache" });
  const from = await cursors.load();
  const referenceMs = timeMs({ state: "value", value: await redis.time() });
  const moments = { referenceMs, defaultExpiryMs: referenceMs + options.defaultTtlSeconds * MS_PER_SECOND };
  const common: Omit<SweepOptions, "page" | "shouldStop"> = {
    redis,
    ledger: options.ledger,
    scanCount: options.scanCount,
    from,
    match: options.keys.pattern("cache"),
  };

  const census = new CacheCensus({ ...options, ...moments });
  const censusBudget = budget.share(CENSUS_SHARE);
  const counted = await sweep({ ...common, page: census, shouldStop: () => censusBudget.isSpent() });

  const plans = new Map<string, EvictionPlan>();
  for (const [service, histogram] of census.services) {
    const plan = histogram.plan(options.maxEntriesPerService);
    if (plan === undefined) continue;
    plans.set(service, plan);
    logger.info({ service, entries: histogram.count, evicting: plan.excess }, "service is over its limit");
  }
  let evicted = true;
  if (plans.size > 0 || census.endless > 0) {
    const eviction = new CacheEviction({ ...options, ...moments, plans });
    // The second pass is no new sight of the keyspace and so not counted as scanned.
    const uncounted = { scanned: 0 };
    const end = await sweep({
      ...common,
      ledger: uncounted,
      page: eviction,
      shouldStop: () => budget.isSpent(),
    });
    evicted = end.complete || (!counted.complete && !budget.isSpent());
    await eviction.finish();
  }
  await cursors.save(evicted ? counted.next : from);
  return {
    complete: counted.complete && evicted,
    resumedFrom: from === SCAN_START ? null : from,
  };
}
