import type { History, Volume } from "../../../workers/agent/history.ts";
import type { PeerView, SentinelView, Situation } from "../../../workers/agent/situation.ts";
import type { Member, Topology } from "../../../workers/agent/topology.ts";

/** Builders of what a starting node may see; the set has three Redis nodes and three Sentinels. */

export const topology: Topology = {
  masterName: "sessiondb",
  quorum: 2,
  redis: [member("redis-0", 1), member("redis-1", 2), member("redis-2", 3)],
  sentinels: [member("sentinel-0", 11), member("sentinel-1", 12), member("sentinel-2", 13)],
};

export function member(name: string, last: number): Member {
  const port = name.startsWith("redis") ? 6379 : 26379;
  return { name, host: `10.0.0.${last}`, port, agentPort: 8380 };
}

export const empty: Volume = { kind: "empty" };
export const unreachable: PeerView = { kind: "unreachable", detail: "ECONNREFUSED" };
export const silentSentinel: SentinelView = { kind: "unreachable", detail: "timeout" };
export const unconfigured: SentinelView = { kind: "unconfigured" };

/** A copy of stream `id` up to `offset`; the id may be short, it is only compared. */
export function data(id: string, offset: number, history: Partial<History> = {}): Volume {
  return {
    kind: "data",
    history: { replicationId: id, offset, superseded: [], complete: false, ...history },
    bytes: offset,
    modifiedMs: 0,
  };
}

export function unrecorded(bytes = 100): Volume {
  return { kind: "data", history: null, bytes, modifiedMs: 0 };
}

export function stopped(
  volume: Volume,
  decided: "primary" | "candidate" | "replica" | null = null,
): PeerView {
  return { kind: "stopped", volume, decided };
}

export function primary(volume: Volume): PeerView {
  return { kind: "running", role: "primary", loading: false, promotable: false, volume };
}

export function replica(volume: Volume, promotable = true): PeerView {
  return { kind: "running", role: "replica", loading: false, promotable, volume };
}

type Flags = Partial<Omit<Extract<SentinelView, { kind: "configured" }>, "kind" | "primary">>;

/** A Sentinel that names the given node. */
export function names(node: string, flags: Flags = {}): SentinelView {
  const found = topology.redis.find(({ name }) => name === node) ?? member(node, 99);
  return {
    kind: "configured",
    primary: { host: found.host, port: found.port },
    downAfterMs: 1_000,
    subjectivelyDown: false,
    subjectivelyDownMs: 0,
    objectivelyDown: false,
    failoverInProgress: false,
    configEpoch: 1,
    ...flags,
  };
}

interface SituationParts {
  readonly self?: string;
  readonly own?: Volume;
  readonly peers?: Readonly<Record<string, PeerView>>;
  /** One view for all three Sentinels, or one for each. */
  readonly sentinels?: SentinelView | readonly SentinelView[];
  readonly waitedSeconds?: number;
  readonly acceptDataLoss?: string;
}

/** redis-0 starting, empty, with silent peers and Sentinels, unless told otherwise. */
export function situation(parts: SituationParts = {}): Situation {
  const self = parts.self ?? "redis-0";
  const views = parts.sentinels ?? silentSentinel;
  const others = topology.redis.filter(({ name }) => name !== self);
  return {
    topology,
    self,
    own: parts.own ?? empty,
    peers: new Map(others.map(({ name }) => [name, parts.peers?.[name] ?? unreachable])),
    sentinels: new Map(
      topology.sentinels.map(({ name }, at) => [
        name,
        "kind" in views ? views : (views[at] ?? silentSentinel),
      ]),
    ),
    waitedSeconds: parts.waitedSeconds ?? 0,
    timeoutSeconds: 60,
    acceptDataLoss: parts.acceptDataLoss ?? "",
  };
}
