/** Configuration of the engine, the Redis instances that hold sessions, and what they keep on disk. */
import type { z } from "zod";
import {
  choice,
  cpu,
  dnsName,
  flag,
  integer,
  list,
  optional,
  quantity,
  redisSize,
  section,
  text,
} from "./configFields.ts";

/** Eviction policies of Redis and Valkey, as redis.conf spells them. */
export const EVICTION_POLICIES = [
  "noeviction",
  "volatile-ttl",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
] as const;

/** Which server program runs, so that redis.conf holds no directive that it would refuse. */
export const engineSchema = section(
  {
    name: choice(["redis", "valkey"], "Server program.").default("redis"),
    version: text(
      /^\d{1,2}\.\d{1,2}\.\d{1,3}$/,
      'a full version in quotes, such as "8.2.1"',
      "8.2.1",
      "Version of the server in `images.redis`.",
    ).default("8.2.1"),
    distribution: choice(
      ["official", "debian"],
      "Who compiled it: Debian's build has no active defragmentation and refuses the directive.",
    ).default("official"),
  },
  "The server program that `images.redis` holds.",
);

const encodingsSchema = section(
  {
    hashMaxListpackEntries: integer(0, 65_536, "Hashes up to so many fields are kept compact.").default(512),
    hashMaxListpackValueBytes: integer(
      0,
      1_048_576,
      "Longest field or value of a compact hash, in bytes.",
    ).default(1024),
    listMaxListpackSize: integer(
      -5,
      65_536,
      "Size of a list's node: -1 to -5 for 4 to 64 KiB, or a number of elements.",
    ).default(-2),
    setMaxIntsetEntries: integer(
      0,
      65_536,
      "Sets of integers up to so many members are kept compact.",
    ).default(512),
    setMaxListpackEntries: integer(
      0,
      65_536,
      "Other sets up to so many members are kept compact (Redis 7.2 and newer, Valkey).",
    ).default(128),
    zsetMaxListpackEntries: integer(0, 65_536, "Sorted sets up to so many members are kept compact.").default(
      128,
    ),
    zsetMaxListpackValueBytes: integer(
      0,
      1_048_576,
      "Longest member of a compact sorted set, in bytes.",
    ).default(128),
  },
  "When small collections are stored compactly: less memory for a little CPU. The defaults suit sessions of a few fields whose data is below 1 KiB.",
);

/** The instances that hold sessions. */
export const redisSchema = section(
  {
    replicas: integer(2, 3, "Replicas beside the primary; read in sentinel mode only.").default(2),
    cpuRequest: cpu("100m", "CPU request of each Redis container.").default("100m"),
    cpuLimit: optional(cpu("2", "CPU limit; none by default, because throttling looks like a hung server.")),
    memoryLimit: quantity(
      ["128Mi", "1Ti", "512Mi"],
      "Memory limit, and request, of each Redis container.",
    ).default("512Mi"),
    maxmemory: optional(
      redisSize(
        ["32mb", "1000gb", "256mb"],
        "Bytes of data that Redis accepts; derived from `memoryLimit` with headroom when left out.",
      ),
    ),
    maxmemoryPolicy: choice(
      EVICTION_POLICIES,
      "What happens when that is full. `noeviction` refuses writes; anything else ends live sessions unasked.",
    ).default("noeviction"),
    maxmemorySamples: integer(1, 64, "Keys looked at per eviction.").default(10),
    activeDefrag: flag("Defragment memory while running; left out where the engine cannot.").default(true),
    jemallocBackgroundThread: flag("Return freed memory to the system in a background thread.").default(true),
    lazyFree: flag("Free expired, evicted, deleted and overwritten values in the background.").default(true),
    databases: integer(2, 16, "Numbered databases: 0 holds sessions, 1 service cache.").default(16),
    maxClients: integer(50, 100_000, "Connections accepted at once.").default(10_000),
    tcpKeepaliveSeconds: integer(0, 86_400, "Seconds between TCP keepalives; 0 for none.").default(300),
    idleTimeoutSeconds: integer(0, 86_400, "Close a client after so many idle seconds; 0 for never.").default(
      0,
    ),
    slowlogThresholdMicros: integer(
      -1,
      60_000_000,
      "Commands slower than this enter the slow log; -1 for none.",
    ).default(10_000),
    slowlogMaxLength: integer(0, 100_000, "Entries that the slow log keeps.").default(256),
    latencyMonitorThresholdMs: integer(
      0,
      60_000,
      "Events slower than this are recorded; 0 for none.",
    ).default(1),
    notifyKeyspaceEvents: text(
      /^[KEg$lshzxetdmnA]{0,16}$/,
      "letters out of KEg$lshzxetdmnA, or nothing",
      "Ex",
      "Keyspace events to publish; Ex tells of expired keys.",
    ).default("Ex"),
    replicationBacklogSize: redisSize(
      ["1mb", "4gb", "16mb"],
      "Writes kept for a replica that was away for a moment; read in sentinel mode only.",
    ).default("16mb"),
    startupTimeoutSeconds: integer(
      10,
      7200,
      "How long loading the data may take before the container is restarted: about 10 s per 10 million small keys.",
    ).default(300),
    encodings: encodingsSchema.prefault({}),
  },
  "The Redis instances that hold sessions.",
);

const savePointSchema = section(
  {
    seconds: integer(1, 604_800, "Look back so many seconds"),
    changes: integer(1, 1_000_000_000, "and take a snapshot after so many changed keys."),
  },
  "One snapshot rule.",
);

/** What is kept on disk. */
export const persistenceSchema = section(
  {
    enabled: flag("Keep data on persistent volumes. Off is for throw-away standalone stacks only.").default(
      true,
    ),
    storageSize: quantity(
      ["1Gi", "10Ti", "10Gi"],
      "Size of each data volume; may grow later, never shrink.",
    ).default("10Gi"),
    storageClass: optional(
      dnsName("fast-ssd", "StorageClass of data and Sentinel volumes; the cluster's default if left out."),
    ),
    appendOnly: flag("Log every write (AOF).").default(true),
    appendFsync: choice(["always", "everysec", "no"], "When that log is forced to disk.").default("everysec"),
    savePoints: list(savePointSchema, "When snapshots (RDB) are taken.").default([
      { seconds: 900, changes: 1 },
      { seconds: 300, changes: 10 },
      { seconds: 60, changes: 10_000 },
      { seconds: 30, changes: 100_000 },
    ]),
    rewritePercentage: integer(
      0,
      10_000,
      "Rewrite the log when it has grown by so many percent; 0 for never.",
    ).default(100),
    rewriteMinSize: redisSize(["1mb", "100gb", "64mb"], "but not below this size.").default("64mb"),
  },
  "What the session instances keep on disk.",
);

/** Parsed `engine`. */
export type EngineConfig = z.output<typeof engineSchema>;
