import type { Volume } from "./history.ts";
import type { PeerView, SentinelView, Situation } from "./situation.ts";

/**
 * What an operator needs to know when a node refuses to start: what is missing, what was seen, and the override.
 * Holds no secrets: roles, offsets and the beginnings of replication ids only.
 */
export function refusalText(situation: Situation, missing: string): string {
  const { topology, self } = situation;
  const nodes = topology.redis.map(({ name }) =>
    name === self
      ? `  ${name} (this node): ${describeVolume(situation.own)}`
      : `  ${name}: ${describePeer(situation.peers.get(name))}`,
  );
  const sentinels = topology.sentinels.map(
    ({ name }) => `  ${name}: ${describeSentinel(situation.sentinels.get(name))}`,
  );
  return [
    `${self} refuses to start Redis after waiting ${Math.round(situation.waitedSeconds)} s: ${missing}.`,
    "Seen:",
    ...nodes,
    ...sentinels,
    "It keeps looking and starts by itself as soon as this changes: bring the missing nodes back if you can.",
    "If their data is gone for good, set `bootstrap.acceptDataLoss: <reason>` and deploy: the newest data among the",
    "nodes that answer then counts as the newest of all, and whatever only the others held is lost.",
    "",
  ].join("\n");
}

function describePeer(view: PeerView | undefined): string {
  if (view === undefined) return "not looked at";
  switch (view.kind) {
    case "unreachable":
      return `no answer (${view.detail})`;
    case "stopped":
      return `Redis is stopped${view.decided === null ? "" : `, to start as ${view.decided}`}; ${describeVolume(view.volume)}`;
    case "running":
      return `running as ${view.role}${view.loading ? ", loading" : ""}${
        view.role === "replica" && !view.promotable ? ", not promotable yet" : ""
      }; ${describeVolume(view.volume)}`;
  }
}

function describeVolume(volume: Volume): string {
  if (volume.kind === "empty") return "holds no data";
  if (volume.history === null) return `holds ${volume.bytes} bytes of data with no recorded history`;
  const { replicationId, offset } = volume.history;
  return `holds data of history ${replicationId.slice(0, 8)} up to offset ${offset}`;
}

function describeSentinel(view: SentinelView | undefined): string {
  if (view === undefined) return "not looked at";
  switch (view.kind) {
    case "unreachable":
      return `no answer (${view.detail})`;
    case "unconfigured":
      return "has no configuration yet";
    case "configured": {
      const flags = [
        view.subjectivelyDown ? "down in its eyes" : "",
        view.objectivelyDown ? "down by agreement" : "",
        view.failoverInProgress ? "failover in progress" : "",
      ].filter((flag) => flag !== "");
      const state = flags.length === 0 ? "" : ` (${flags.join(", ")})`;
      return `names ${view.primary.host}:${view.primary.port}${state}, epoch ${view.configEpoch}`;
    }
  }
}
