import type { SentinelView } from "./situation.ts";

/**
 * Sentinel's rule: it passes over a replica whose link was already lost this many down-after periods before the primary
 * went down. Sentinel has no setting for it.
 */
const DOWN_AFTER_PERIODS = 10;

/**
 * For how many seconds a replica's link may be down by now with Sentinel still willing to promote it. Any Sentinel
 * may come to lead a failover, so the most lenient one that answers counts. It grows while Sentinels hold the primary for
 * down, as fast as the link's age does: a link that broke together with the primary never gets too old.
 *
 * @param leastSeconds what is tolerated at least; all that is known while no Sentinel answers
 */
export function toleratedLinkDownSeconds(
  sentinels: ReadonlyMap<string, SentinelView>,
  leastSeconds: number,
): number {
  let toleratedMs = leastSeconds * 1000;
  for (const view of sentinels.values()) {
    if (view.kind !== "configured") continue;
    toleratedMs = Math.max(toleratedMs, DOWN_AFTER_PERIODS * view.downAfterMs + view.subjectivelyDownMs);
  }
  return toleratedMs / 1000;
}
