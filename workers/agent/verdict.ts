import { rankCopies, type Copy } from "./history.ts";
import type { PeerView, Situation } from "./situation.ts";
import { agreedPrimary, countSentinels, failoverMayBeUnderWay } from "./sentinelViews.ts";
import { majorityOf, sameAddress, type Member } from "./topology.ts";

/** How a Redis node may start, or why not yet. */
export type Verdict =
  | { readonly kind: "primary"; readonly reason: string; readonly acceptedLoss?: string }
  | {
      readonly kind: "replica";
      readonly of: Member;
      /**
       * True for the chosen copy of a cold start: Sentinel may promote it at once. Every other replica starts with
       * priority 0 until it has copied its primary, so that stale or empty data is never promoted.
       */
      readonly promotable: boolean;
      readonly reason: string;
      readonly acceptedLoss?: string;
    }
  /** Not decidable yet; `missing` completes the sentence "waiting: ...". */
  | { readonly kind: "wait"; readonly missing: string }
  /** Still not decidable after the bound; the node keeps observing all the same. */
  | { readonly kind: "refuse"; readonly missing: string };

type Judgement = Exclude<Verdict, { kind: "refuse" }>;

/** Whether only what answers is to be counted (the operator accepted data loss) or everybody expected. */
type Scope = "everybody" | "whoAnswers";

/**
 * Decides how this node starts. Pure; safe to ask again at any time and with any mixture of fresh and stale views.
 *
 * - The Sentinels' majority decides where it names a primary that runs: this node becomes its replica.
 * - Where nobody runs as primary and no failover can bring one, the newest copy among all expected nodes
 *   starts: as primary when it is the one that the Sentinels name (or there are none yet), otherwise as the only
 *   promotable replica, for the Sentinels' failover to find.
 * - Everything else waits. Time alone never turns waiting into anything but a refusal; together with the operator's
 *   accepted data loss it makes the newest copy of those that answer count as the newest of all, and no replica that
 *   the Sentinels could promote but have not is waited for any longer.
 */
export function decide(situation: Situation): Verdict {
  const strict = judge(situation, "everybody");
  if (strict.kind !== "wait" || situation.waitedSeconds < situation.timeoutSeconds) return strict;
  if (situation.acceptDataLoss === "") return { kind: "refuse", missing: strict.missing };
  const lax = judge(situation, "whoAnswers");
  if (lax.kind === "wait") return { kind: "refuse", missing: lax.missing };
  return { ...lax, acceptedLoss: situation.acceptDataLoss };
}

function judge(situation: Situation, scope: Scope): Judgement {
  const { configured, unconfigured } = countSentinels(situation);
  const agreed = agreedPrimary(situation);
  if (agreed !== null) {
    const primary = situation.topology.redis.find((member) => sameAddress(member, agreed));
    if (primary === undefined) {
      return wait(`the Sentinels name ${agreed.host}:${agreed.port}, which is none of the expected nodes`);
    }
    if (primary.name === situation.self) return resumeOwnPrimacy(situation, scope);
    return joinUnderSentinels(situation, primary, scope);
  }
  if (configured === 0 && unconfigured >= majorityOf(situation.topology.sentinels.length)) {
    return startWithoutHistoryOfSentinels(situation, scope);
  }
  return joinWithoutSentinels(situation, scope);
}

/** The Sentinels name another node. */
function joinUnderSentinels(situation: Situation, primary: Member, scope: Scope): Judgement {
  if (runsAsPrimary(situation.peers.get(primary.name))) {
    // Joining now could offer stale data to a failover that has already begun.
    if (failoverMayBeUnderWay(situation)) return wait(`the Sentinels hold ${primary.name} for down`);
    return replica(primary, false, `the Sentinels name ${primary.name} and it runs as primary`);
  }
  const busy = failoverWillFind(situation, scope);
  if (busy !== null) return wait(busy);
  const newest = newestCopy(situation, scope, primary.name);
  if (newest.kind === "wait") return newest;
  if (newest.name !== situation.self) return wait(newest.whyNotSelf);
  return replica(
    primary,
    true,
    `${primary.name} does not run and ${newest.because}; the Sentinels promote this`,
  );
}

/** The Sentinels name this very node. */
function resumeOwnPrimacy(situation: Situation, scope: Scope): Judgement {
  const busy = failoverWillFind(situation, scope);
  if (busy !== null) return wait(busy);
  if (anySentinelFailsOver(situation)) return wait("a Sentinel says that a failover is in progress");
  const newest = newestCopy(situation, scope, situation.self);
  if (newest.kind === "wait") return newest;
  if (newest.name !== situation.self) return wait(newest.whyNotSelf);
  return {
    kind: "primary",
    reason: `the Sentinels name this node, nobody else can be promoted, ${newest.because}`,
  };
}

/** No Sentinel has a configuration: a first start, or all of them lost their volumes. */
function startWithoutHistoryOfSentinels(situation: Situation, scope: Scope): Judgement {
  const [primary, second] = runningPrimaries(situation);
  if (primary !== undefined && second !== undefined)
    return wait(`${primary.name} and ${second.name} both run as primary`);
  if (primary !== undefined) return replica(primary, false, `${primary.name} is the only primary`);
  const newest = newestCopy(situation, scope);
  if (newest.kind === "wait") return newest;
  if (newest.name !== situation.self) return wait(newest.whyNotSelf);
  return {
    kind: "primary",
    reason: `no Sentinel is configured yet, nobody runs as primary, ${newest.because}`,
  };
}

/**
 * No majority of Sentinels agrees. A lone primary may then be on the wrong side of a partition, and joining it would
 * let it confirm writes that the other side drops; only when every Redis node answers is there no other side.
 */
function joinWithoutSentinels(situation: Situation, scope: Scope): Judgement {
  const silent = silentPeers(situation);
  const noMajority = "no majority of the Sentinels agrees on a primary";
  if (scope === "everybody" && silent.length > 0)
    return wait(`${noMajority}, and no answer from ${list(silent)}`);
  const [primary, second] = runningPrimaries(situation);
  if (primary !== undefined && second !== undefined)
    return wait(`${noMajority}; ${primary.name} and ${second.name} both run as primary`);
  if (primary !== undefined) {
    return replica(primary, false, `every node that counts answers and ${primary.name} is the only primary`);
  }
  if (scope === "everybody") return wait(`${noMajority}, and no node runs as primary`);
  const busy = failoverWillFind(situation, scope);
  if (busy !== null) return wait(busy);
  const newest = newestCopy(situation, scope);
  if (newest.kind === "wait") return newest;
  if (newest.name !== situation.self) return wait(newest.whyNotSelf);
  return { kind: "primary", reason: `nobody runs as primary, ${newest.because}` };
}

type Newest =
  | { readonly kind: "wait"; readonly missing: string }
  | {
      readonly kind: "known";
      readonly name: string;
      readonly because: string;
      readonly whyNotSelf: string;
    };

function newestCopy(situation: Situation, scope: Scope, preferred?: string): Newest {
  const silent = silentPeers(situation);
  if (scope === "everybody" && silent.length > 0) return wait(`no answer from ${list(silent)}`);
  const ranking = rankCopies(copies(situation), preferred);
  if (ranking.kind === "undecidable" && scope === "everybody") {
    return wait(`the data of ${ranking.between.join(" and ")} cannot be ordered by their recorded histories`);
  }
  const ordered = ranking.kind === "ranked" ? ranking.best : ranking.contenders;
  const name = ordered[0] ?? situation.self;
  if (ranking.kind === "ranked" && ranking.allEmpty) {
    const because = "every node that counts is empty and this is the first in order";
    return { kind: "known", name, because, whyNotSelf: `every node is empty; ${name} is to start first` };
  }
  const because = "this node holds the newest data of all that count";
  return { kind: "known", name, because, whyNotSelf: `${name} holds the newest data and is to start first` };
}

function copies(situation: Situation): Copy[] {
  return situation.topology.redis.flatMap(({ name }, ordinal) => {
    if (name === situation.self) return [{ name, ordinal, volume: situation.own }];
    const view = situation.peers.get(name);
    return view === undefined || view.kind === "unreachable" ? [] : [{ name, ordinal, volume: view.volume }];
  });
}

/**
 * Why the set may get a primary without this node's help: somebody is one, or could be promoted. Once loss is accepted
 * after the bound, only a primary counts: a candidate that the Sentinels have not promoted by then will not be.
 */
function failoverWillFind(situation: Situation, scope: Scope): string | null {
  const [primary] = runningPrimaries(situation);
  if (primary !== undefined) return `${primary.name} runs as primary; the Sentinels have not moved to it yet`;
  const candidate = scope === "everybody" ? peersWhere(situation, canBePromoted)[0] : undefined;
  if (candidate !== undefined)
    return `${candidate.name} runs and can be promoted; the Sentinels have not decided yet`;
  return null;
}

function anySentinelFailsOver(situation: Situation): boolean {
  return [...situation.sentinels.values()].some(
    (view) => view.kind === "configured" && view.failoverInProgress,
  );
}

function runningPrimaries(situation: Situation): Member[] {
  return peersWhere(situation, runsAsPrimary);
}

function silentPeers(situation: Situation): string[] {
  return peersWhere(situation, (view) => view === undefined || view.kind === "unreachable").map(
    (it) => it.name,
  );
}

function peersWhere(situation: Situation, test: (view: PeerView | undefined) => boolean): Member[] {
  const others = situation.topology.redis.filter((member) => member.name !== situation.self);
  return others.filter((member) => test(situation.peers.get(member.name)));
}

function runsAsPrimary(view: PeerView | undefined): boolean {
  if (view?.kind === "stopped") return view.decided === "primary";
  return view?.kind === "running" && view.role === "primary";
}

function canBePromoted(view: PeerView | undefined): boolean {
  if (view?.kind === "stopped") return view.decided === "candidate";
  return view?.kind === "running" && view.role === "replica" && view.promotable;
}

function replica(of: Member, promotable: boolean, reason: string): Judgement {
  return { kind: "replica", of, promotable, reason };
}

function wait(missing: string): { kind: "wait"; missing: string } {
  return { kind: "wait", missing };
}

function list(items: readonly string[]): string {
  return items.join(", ");
}
