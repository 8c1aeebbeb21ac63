import type { SentinelView, Situation } from "./situation.ts";
import { majorityOf, type Address } from "./topology.ts";

type ConfiguredView = Extract<SentinelView, { kind: "configured" }>;

/** How many Sentinels are in which state; the rest is unreachable. */
export function countSentinels(situation: Situation): { configured: number; unconfigured: number } {
  const views = [...situation.sentinels.values()];
  return {
    configured: views.filter((view) => view.kind === "configured").length,
    unconfigured: views.filter((view) => view.kind === "unconfigured").length,
  };
}

/** The primary that a majority of all expected Sentinels names, or null. */
export function agreedPrimary(situation: Situation): Address | null {
  const votes = new Map<string, ConfiguredView[]>();
  for (const view of configuredViews(situation)) {
    const key = `${view.primary.host} ${view.primary.port}`;
    votes.set(key, [...(votes.get(key) ?? []), view]);
  }
  const needed = majorityOf(situation.topology.sentinels.length);
  for (const [voter, ...more] of votes.values()) {
    if (voter !== undefined && more.length + 1 >= needed) return voter.primary;
  }
  return null;
}

/**
 * Whether a failover may be running or about to begin: a Sentinel says so, one holds the primary for objectively
 * down, or as many as a quorum doubt it. One doubting Sentinel alone may be the one that is cut off.
 */
export function failoverMayBeUnderWay(situation: Situation): boolean {
  const views = configuredViews(situation);
  if (views.some((view) => view.failoverInProgress || view.objectivelyDown)) return true;
  return views.filter((view) => view.subjectivelyDown).length >= situation.topology.quorum;
}

function configuredViews(situation: Situation): ConfiguredView[] {
  return [...situation.sentinels.values()].filter((view) => view.kind === "configured");
}
