/**
 * redis.conf as text. Pure: what is written depends on the settings alone, so that a change of text means a change of
 * configuration and rolls the pods. Values that Redis would take by default anyway are written where the design
 * depends on them.
 */
import type { Engine, EngineCapabilities } from "./engineCapabilities.ts";
import { engineCapabilities } from "./engineCapabilities.ts";
import { formatRedisSize, replicaBufferLimit } from "./memory.ts";

/** When small collections are stored compactly. */
export interface EncodingSettings {
  readonly hashMaxListpackEntries: number;
  readonly hashMaxListpackValueBytes: number;
  readonly listMaxListpackSize: number;
  readonly setMaxIntsetEntries: number;
  readonly setMaxListpackEntries: number;
  readonly zsetMaxListpackEntries: number;
  readonly zsetMaxListpackValueBytes: number;
}

/** What an instance keeps on disk. */
export interface PersistenceSettings {
  readonly appendOnly: boolean;
  readonly appendFsync: "always" | "everysec" | "no";
  /** A snapshot is taken once `changes` keys changed within `seconds`. */
  readonly savePoints: readonly { readonly seconds: number; readonly changes: number }[];
  readonly rewritePercentage: number;
  /** redis.conf size, such as "64mb". */
  readonly rewriteMinSize: string;
}

/** What an instance needs that replicates or may have to. */
export interface ReplicationSettings {
  /** File with the `masteruser` and `masterauth` lines; secret, hence not part of this text. */
  readonly authFile: string;
  readonly minReplicasToWrite: number;
  readonly maxLagSeconds: number;
  /** redis.conf size, such as "16mb". */
  readonly backlogSize: string;
}

/** Everything that redis.conf says. */
export interface RedisConfSettings {
  readonly engine: Engine;
  readonly port: number;
  /** Directory of dump and append-only files. */
  readonly dataDirectory: string;
  /** ACL file; accounts come from it alone. */
  readonly aclFile: string;
  readonly maxmemoryBytes: number;
  readonly maxmemoryPolicy: string;
  readonly maxmemorySamples: number;
  readonly activeDefrag: boolean;
  readonly jemallocBackgroundThread: boolean;
  readonly lazyFree: boolean;
  readonly databases: number;
  readonly maxClients: number;
  readonly tcpKeepaliveSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly slowlogThresholdMicros: number;
  readonly slowlogMaxLength: number;
  readonly latencyMonitorThresholdMs: number;
  /** Event letters, such as "Ex"; empty for none. */
  readonly notifyKeyspaceEvents: string;
  readonly encodings: EncodingSettings;
  /** Left out: nothing is kept on disk. */
  readonly persistence?: PersistenceSettings;
  /** Left out: the instance stands alone. */
  readonly replication?: ReplicationSettings;
}

type Line = readonly [directive: string, ...values: (string | number)[]];

const yesNo = (value: boolean): string => (value ? "yes" : "no");

/** Redis splits lines into words as a shell does: an empty word has to be quoted. */
const word = (value: string | number): string => (value === "" ? '""' : String(value));

function serverLines(settings: RedisConfSettings): readonly Line[] {
  return [
    ["bind", "*", "-::*"],
    // Protected mode answers whoever comes from outside with an error while the default user needs no password. Here that user
    // is off, every other has a password, and nobody reaches the port whom the network policies do not let in.
    ["protected-mode", "no"],
    ["port", settings.port],
    ["tcp-backlog", 511],
    ["tcp-keepalive", settings.tcpKeepaliveSeconds],
    ["timeout", settings.idleTimeoutSeconds],
    ["maxclients", settings.maxClients],
    ["databases", settings.databases],
    ["daemonize", "no"],
    ["loglevel", "notice"],
    ["logfile", ""],
    ["always-show-logo", "no"],
    ["dir", settings.dataDirectory],
    ["aclfile", settings.aclFile],
    ["acllog-max-len", 128],
    ["enable-debug-command", "no"],
    ["enable-protected-configs", "no"],
    ["enable-module-command", "no"],
    // Replicas get this long to catch up before a stopping primary exits; shorter than any grace period.
    ["shutdown-timeout", 10],
  ];
}

function memoryLines(settings: RedisConfSettings, can: EngineCapabilities): readonly Line[] {
  const lazy = yesNo(settings.lazyFree);
  return [
    ["maxmemory", formatRedisSize(settings.maxmemoryBytes)],
    ["maxmemory-policy", settings.maxmemoryPolicy],
    ["maxmemory-samples", settings.maxmemorySamples],
    ...(can.activeDefrag ? [["activedefrag", yesNo(settings.activeDefrag)] satisfies Line] : []),
    ["jemalloc-bg-thread", yesNo(settings.jemallocBackgroundThread)],
    ["lazyfree-lazy-eviction", lazy],
    ["lazyfree-lazy-expire", lazy],
    ["lazyfree-lazy-server-del", lazy],
    ["lazyfree-lazy-user-del", lazy],
    ["lazyfree-lazy-user-flush", lazy],
    ["replica-lazy-flush", lazy],
  ];
}

function encodingLines(encodings: EncodingSettings, can: EngineCapabilities): readonly Line[] {
  return [
    ["hash-max-listpack-entries", encodings.hashMaxListpackEntries],
    ["hash-max-listpack-value", encodings.hashMaxListpackValueBytes],
    ["list-max-listpack-size", encodings.listMaxListpackSize],
    ["set-max-intset-entries", encodings.setMaxIntsetEntries],
    ...(can.setListpack
      ? [["set-max-listpack-entries", encodings.setMaxListpackEntries] satisfies Line]
      : []),
    ["zset-max-listpack-entries", encodings.zsetMaxListpackEntries],
    ["zset-max-listpack-value", encodings.zsetMaxListpackValueBytes],
  ];
}

function observationLines(settings: RedisConfSettings): readonly Line[] {
  return [
    ["slowlog-log-slower-than", settings.slowlogThresholdMicros],
    ["slowlog-max-len", settings.slowlogMaxLength],
    ["latency-monitor-threshold", settings.latencyMonitorThresholdMs],
    ["notify-keyspace-events", settings.notifyKeyspaceEvents],
  ];
}

function persistenceLines(persistence: PersistenceSettings | undefined): readonly Line[] {
  if (persistence === undefined) {
    return [
      ["save", ""],
      ["appendonly", "no"],
    ];
  }
  const points = persistence.savePoints.flatMap(({ seconds, changes }) => [seconds, changes]);
  return [
    ["save", ...(points.length === 0 ? [""] : points)],
    ["dbfilename", "dump.rdb"],
    ["rdbcompression", "yes"],
    ["rdbchecksum", "yes"],
    // With a working append-only file a failed snapshot costs no data, so logins go on and the alert tells; without one
    // the snapshot is all there is, and accepting writes that nothing will keep would be the worse answer.
    ["stop-writes-on-bgsave-error", yesNo(!persistence.appendOnly)],
    ["appendonly", yesNo(persistence.appendOnly)],
    ["appendfilename", "appendonly.aof"],
    ["appenddirname", "appendonlydir"],
    ["appendfsync", persistence.appendFsync],
    ["no-appendfsync-on-rewrite", "no"],
    ["auto-aof-rewrite-percentage", persistence.rewritePercentage],
    ["auto-aof-rewrite-min-size", persistence.rewriteMinSize],
    ["aof-use-rdb-preamble", "yes"],
    // A crash may cut the last command in half; that half was never confirmed as stored.
    ["aof-load-truncated", "yes"],
    // One time mark per second of writes, so that the file can be cut at a moment.
    ["aof-timestamp-enabled", yesNo(persistence.appendOnly)],
  ];
}

/** A backup attaches as a replica does, so every instance has these, alone or in a set. */
const TRANSFER_LINES: readonly Line[] = [
  ["repl-diskless-sync", "yes"],
  // Waiting for more replicas to join one transfer would delay every resynchronisation and backup by seconds.
  ["repl-diskless-sync-delay", 0],
];

function replicationLines(settings: RedisConfSettings): readonly Line[] {
  const { replication } = settings;
  if (replication === undefined) return [];
  const cut = replicaBufferLimit(settings.maxmemoryBytes);
  return [
    ["include", replication.authFile],
    ["replica-read-only", "yes"],
    // The agent asks nodes that lost their primary what they hold; readiness keeps clients away from them.
    ["replica-serve-stale-data", "yes"],
    // Equal everywhere: Sentinel ranks priority before offset, so a preferred node could win with older data.
    ["replica-priority", 100],
    ["min-replicas-to-write", replication.minReplicasToWrite],
    ["min-replicas-max-lag", replication.maxLagSeconds],
    // A transfer that breaks off then leaves the old data in place instead of an empty node.
    ["repl-diskless-load", "disabled"],
    ["repl-disable-tcp-nodelay", "no"],
    ["repl-ping-replica-period", 1],
    ["repl-timeout", 60],
    ["repl-backlog-size", replication.backlogSize],
    ["repl-backlog-ttl", 3600],
    ["client-output-buffer-limit", "replica", formatRedisSize(cut), formatRedisSize(cut), 60],
  ];
}

/**
 * Renders redis.conf for one instance.
 * @throws RangeError when the engine is older than the oldest supported version
 * @example renderRedisConf({ engine: { name: "redis", version: "8.2.1", distribution: "official" }, port: 6379, ... })
 */
export function renderRedisConf(settings: RedisConfSettings): string {
  const can = engineCapabilities(settings.engine);
  const groups: readonly (readonly [title: string, lines: readonly Line[]])[] = [
    ["server", serverLines(settings)],
    ["memory", memoryLines(settings, can)],
    ["encodings", encodingLines(settings.encodings, can)],
    ["observation", observationLines(settings)],
    ["persistence", persistenceLines(settings.persistence)],
    ["replication", [...TRANSFER_LINES, ...replicationLines(settings)]],
  ];
  return groups
    .filter(([, lines]) => lines.length > 0)
    .map(
      ([title, lines]) => [`# ${title}`, ...lines.map((line) => line.map(word).join(" "))].join("\n") + "\n",
    )
    .join("\n");
}
