/** Rules about memory, eviction, disks and backups. Pure. */
import {
  deriveMaxmemory,
  formatKubernetesQuantity,
  formatRedisSize,
  limitForMaxmemory,
  parseKubernetesQuantity,
} from "../components/redis/memory.ts";
import type { MemoryDuties } from "../components/redis/memory.ts";
import { CACHE_DUTIES, sessionDuties } from "./configResolve.ts";
import type { ConfigRule } from "./configRule.ts";
import { longestGapDays } from "./cronSchedule.ts";
import type { RuleViolation } from "./configProblems.ts";

/** Snapshot, append-only file and the rewrite of it may exist side by side. */
const FILES_PER_DATA_SET = 3;

function maxmemoryFits(
  name: "redis" | "cache",
  instance: { readonly maxmemoryBytes: number; readonly memoryLimit: string },
  duties: MemoryDuties,
): RuleViolation | undefined {
  const most = deriveMaxmemory(parseKubernetesQuantity(instance.memoryLimit), duties);
  if (instance.maxmemoryBytes <= most) return undefined;
  const limit = formatKubernetesQuantity(limitForMaxmemory(instance.maxmemoryBytes, duties));
  return {
    path: [name, "maxmemory"],
    given: formatRedisSize(instance.maxmemoryBytes),
    allowed: `at most ${formatRedisSize(most)} with a memoryLimit of ${instance.memoryLimit}: the rest is for forks and buffers, and passing the limit kills the server; or raise memoryLimit to ${limit}`,
    example: formatRedisSize(most),
    involves: [[name, "memoryLimit"], ["mode"], ["persistence", "enabled"]],
  };
}

const sessionMemoryFits: ConfigRule = (config) => maxmemoryFits("redis", config.redis, sessionDuties(config));

const cacheMemoryFits: ConfigRule = (config) =>
  config.cache.mode === "separate" ? maxmemoryFits("cache", config.cache, CACHE_DUTIES) : undefined;

const sharedCacheDoesNotEvict: ConfigRule = ({ cache, redis }) =>
  cache.mode === "shared" && redis.maxmemoryPolicy !== "noeviction"
    ? {
        path: ["redis", "maxmemoryPolicy"],
        given: redis.maxmemoryPolicy,
        allowed:
          "noeviction with cache.mode shared: sessions carry an expiry too, so any other policy would end them to make room for cache entries; or set cache.mode to separate",
        example: "noeviction",
        involves: [["cache", "mode"]],
      }
    : undefined;

const separateCacheEvicts: ConfigRule = ({ cache }) =>
  cache.mode === "separate" && !cache.maxmemoryPolicy.startsWith("allkeys-")
    ? {
        path: ["cache", "maxmemoryPolicy"],
        given: cache.maxmemoryPolicy,
        allowed:
          "one of the allkeys policies: a cache that is full has to make room, also from entries without expiry",
        example: "allkeys-lru",
        involves: [["cache", "mode"]],
      }
    : undefined;

const volumeHoldsTheFiles: ConfigRule = ({ persistence, redis }) => {
  const least = FILES_PER_DATA_SET * redis.maxmemoryBytes;
  const gib = Math.ceil(least / 1024 ** 3);
  return persistence.enabled && parseKubernetesQuantity(persistence.storageSize) < least
    ? {
        path: ["persistence", "storageSize"],
        given: persistence.storageSize,
        allowed: `at least ${gib}Gi, ${FILES_PER_DATA_SET} times maxmemory (${formatRedisSize(redis.maxmemoryBytes)}): snapshot, log and its rewrite lie side by side`,
        example: `${gib}Gi`,
        involves: [["redis", "maxmemory"], ["redis", "memoryLimit"], ["mode"]],
      }
    : undefined;
};

const backupsOutliveTheInterval: ConfigRule = ({ backup }) => {
  const gapDays = longestGapDays(backup.schedule);
  return backup.enabled && backup.retentionDays < gapDays
    ? {
        path: ["backup", "retentionDays"],
        given: backup.retentionDays,
        allowed: `at least ${gapDays} with the schedule "${backup.schedule}", which leaves so many days between two backups`,
        example: String(gapDays),
        involves: [["backup", "schedule"]],
      }
    : undefined;
};

/** Rules of this file. */
export const STORAGE_RULES: readonly ConfigRule[] = [
  sessionMemoryFits,
  cacheMemoryFits,
  sharedCacheDoesNotEvict,
  separateCacheEvicts,
  volumeHoldsTheFiles,
  backupsOutliveTheInterval,
];
