/** Configuration of the service cache and of the scheduled jobs: cleanup and backup. */
import {
  choice,
  cpu,
  dnsName,
  flag,
  integer,
  optional,
  quantity,
  redisSize,
  section,
  text,
} from "./configFields.ts";
import { isCronSchedule } from "./cronSchedule.ts";
import { EVICTION_POLICIES } from "./configRedis.ts";
import type { z } from "zod";

const CRON = "a five-field cron schedule such as */5 * * * *";

function schedule(example: string, description: string): z.ZodType<string> {
  return text(/^/, CRON, example, description).refine(isCronSchedule, { error: CRON });
}

/** The service cache. */
export const cacheSchema = section(
  {
    mode: choice(
      ["separate", "shared"],
      "`separate`: an evicting Redis of its own. `shared`: database 1 of the session instances, in the same memory.",
    ).default("separate"),
    cpuRequest: cpu("50m", "CPU request of the separate cache.").default("50m"),
    memoryLimit: quantity(
      ["64Mi", "1Ti", "192Mi"],
      "Memory limit, and request, of the separate cache.",
    ).default("192Mi"),
    maxmemory: optional(
      redisSize(
        ["8mb", "1000gb", "96mb"],
        "Bytes of data that it accepts; derived from its `memoryLimit` when left out.",
      ),
    ),
    maxmemoryPolicy: choice(EVICTION_POLICIES, "What the separate cache evicts when it is full.").default(
      "allkeys-lru",
    ),
    maxEntriesPerService: integer(1, 10_000_000, "Entries that cleanup leaves to each service.").default(
      10_000,
    ),
    defaultTtlSeconds: integer(
      1,
      31_536_000,
      "Expiry that cleanup gives to entries without one, in seconds.",
    ).default(86_400),
  },
  "The service cache (`cache:{service}:{key}`).",
);

/** The cleanup jobs. */
export const cleanupSchema = section(
  {
    sessionsSchedule: schedule(
      "*/5 * * * *",
      "When expired and orphaned sessions and tokens are removed.",
    ).default("*/5 * * * *"),
    cacheSchedule: schedule("*/10 * * * *", "When the cache is trimmed.").default("*/10 * * * *"),
    batchSize: integer(1, 10_000, "Keys removed per round trip.").default(200),
    scanCount: integer(10, 10_000, "COUNT of each SCAN; 1000 blocks the server for about 2 ms.").default(500),
    maxSeconds: integer(5, 3600, "Time after which a run stops and the next one goes on.").default(120),
    suspend: flag("Create the jobs but do not start them.").default(false),
    cpuRequest: cpu("50m", "CPU request of a run.").default("50m"),
    memoryLimit: quantity(["64Mi", "4Gi", "128Mi"], "Memory limit, and request, of a run.").default("128Mi"),
  },
  "The jobs that remove what is expired or orphaned.",
);

/** The backup job. */
export const backupSchema = section(
  {
    enabled: flag("Take backups.").default(true),
    schedule: schedule("0 2 * * *", "When a backup is taken.").default("0 2 * * *"),
    timeZone: text(
      /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/,
      "a time zone name such as Etc/UTC or Europe/Berlin",
      "Etc/UTC",
      "Time zone of this schedule.",
    ).default("Etc/UTC"),
    retentionDays: integer(1, 3650, "Days that a backup is kept.").default(7),
    keepAtLeast: integer(1, 1000, "Newest good backups that are kept however old they are.").default(3),
    storageSize: quantity(["1Gi", "100Ti", "10Gi"], "Size of the backup volume.").default("10Gi"),
    storageClass: optional(
      dnsName("standard", "StorageClass of the backup volume; the cluster's default if left out."),
    ),
    timeoutSeconds: integer(30, 86_400, "Time after which a run is given up.").default(1800),
    suspend: flag("Create the job but do not start it.").default(false),
    cpuRequest: cpu("50m", "CPU request of a run.").default("50m"),
    memoryLimit: quantity(["64Mi", "8Gi", "256Mi"], "Memory limit, and request, of a run.").default("256Mi"),
  },
  "The backup job.",
);
