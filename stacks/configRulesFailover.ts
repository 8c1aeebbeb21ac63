/** Rules about Sentinels, write safety, and what failover needs from everything else. Pure. */
import type { ConfigRule } from "./configRule.ts";

/** The lag bound counts whole seconds and is checked once a second: so much later the old primary refuses for certain. */
const FENCING_SLACK_MS = 2000;

const countIsOdd: ConfigRule = ({ mode, sentinel }) =>
  mode === "sentinel" && sentinel.count % 2 === 0
    ? {
        path: ["sentinel", "count"],
        given: sentinel.count,
        allowed:
          "an odd number: an even one tolerates no more failures than the next smaller and can split in half",
        example: String(sentinel.count + 1),
      }
    : undefined;

const quorumIsAMajority: ConfigRule = ({ mode, sentinel: { count, quorum } }) => {
  const majority = Math.floor(count / 2) + 1;
  return mode === "sentinel" && (quorum > count || quorum < majority)
    ? {
        path: ["sentinel", "quorum"],
        given: quorum,
        allowed: `a majority of the ${count} Sentinels: from ${majority} to ${count}`,
        example: String(majority),
        involves: [["sentinel", "count"]],
      }
    : undefined;
};

const fencedWaitsForTheOldPrimary: ConfigRule = ({ mode, sentinel, writeSafety }) => {
  const least = writeSafety.maxLagSeconds * 1000 + FENCING_SLACK_MS;
  return mode === "sentinel" && sentinel.profile === "fenced" && sentinel.downAfterMs < least
    ? {
        path: ["sentinel", "downAfterMs"],
        given: sentinel.downAfterMs,
        allowed: `at least ${least} with the profile fenced: maxLagSeconds (${writeSafety.maxLagSeconds} s) and 2 s more, so that the old primary stops taking writes before a new one starts`,
        example: String(least),
        involves: [
          ["sentinel", "profile"],
          ["writeSafety", "maxLagSeconds"],
        ],
      }
    : undefined;
};

const fencedNeedsReplicas: ConfigRule = ({ mode, sentinel, writeSafety }) =>
  mode === "sentinel" && sentinel.profile === "fenced" && writeSafety.minReplicasToWrite === 0
    ? {
        path: ["writeSafety", "minReplicasToWrite"],
        given: 0,
        allowed: "at least 1 with the profile fenced: the missing replica is what makes the old primary stop",
        example: "1",
        involves: [["sentinel", "profile"]],
      }
    : undefined;

const writesNeedNoMoreReplicasThanThereAre: ConfigRule = ({ mode, redis, writeSafety }) =>
  mode === "sentinel" && writeSafety.minReplicasToWrite >= redis.nodes
    ? {
        path: ["writeSafety", "minReplicasToWrite"],
        given: writeSafety.minReplicasToWrite,
        allowed: `at most ${redis.replicas}, the number of replicas; 1 keeps writes going while one is away`,
        example: "1",
        involves: [["redis", "replicas"]],
      }
    : undefined;

const failoverHasTime: ConfigRule = ({ mode, sentinel }) => {
  const least = 3 * sentinel.downAfterMs;
  return mode === "sentinel" && sentinel.failoverTimeoutMs < least
    ? {
        path: ["sentinel", "failoverTimeoutMs"],
        given: sentinel.failoverTimeoutMs,
        allowed: `at least 3 times downAfterMs, ${least}: a failover that is given up blocks the next one for twice this time`,
        example: String(least),
        involves: [["sentinel", "downAfterMs"]],
      }
    : undefined;
};

const failoverNeedsVolumes: ConfigRule = ({ mode, persistence }) =>
  mode === "sentinel" && !persistence.enabled
    ? {
        path: ["persistence", "enabled"],
        given: false,
        allowed:
          "true in sentinel mode: a primary that restarts empty would have its replicas copy the emptiness",
        example: "true",
        involves: [["mode"]],
      }
    : undefined;

const failoverNeedsFiles: ConfigRule = ({ mode, persistence }) =>
  mode === "sentinel" && persistence.enabled && !persistence.appendOnly && persistence.savePoints.length === 0
    ? {
        path: ["persistence", "appendOnly"],
        given: false,
        allowed:
          "true in sentinel mode when there are no savePoints: otherwise nothing is written to the volumes",
        example: "true",
        involves: [["mode"], ["persistence", "savePoints"]],
      }
    : undefined;

/** Rules of this file. */
export const FAILOVER_RULES: readonly ConfigRule[] = [
  countIsOdd,
  quorumIsAMajority,
  fencedWaitsForTheOldPrimary,
  fencedNeedsReplicas,
  writesNeedNoMoreReplicasThanThereAre,
  failoverHasTime,
  failoverNeedsVolumes,
  failoverNeedsFiles,
];
