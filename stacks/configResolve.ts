/** Decides what the schema leaves open: values whose default depends on other values. Pure. */
import { deriveMaxmemory, parseKubernetesQuantity, parseRedisSize } from "../components/redis/memory.ts";
import type { MemoryDuties } from "../components/redis/memory.ts";
import type { AppConfig, ParsedConfig, WorkerImageConfig } from "./configSchema.ts";
import { imagesSchema } from "./configPlatform.ts";

/** Timings of the two failover profiles. `maxLagSeconds` counts whole seconds, and replicas report once a second. */
const PROFILES = {
  // 3 tolerates two lost reports; safety comes from clients that check WAIT.
  fast: { downAfterMs: 1000, maxLagSeconds: 3 },
  // The old primary refuses writes after at most maxLag + 2 s, and not before then is a new one made.
  fenced: { downAfterMs: 4000, maxLagSeconds: 2 },
} as const;

const MIN_FAILOVER_TIMEOUT_MS = 6000;

/** What the session instances do besides holding data. */
export function sessionDuties(config: {
  readonly mode: ParsedConfig["mode"];
  readonly persistence: { readonly enabled: boolean };
}): MemoryDuties {
  return { forks: config.persistence.enabled, feedsReplicas: config.mode === "sentinel" };
}

/** What the separate cache does besides holding data. */
export const CACHE_DUTIES: MemoryDuties = { forks: false, feedsReplicas: false };

function maxmemoryBytes(
  instance: { maxmemory?: string | undefined; memoryLimit: string },
  duties: MemoryDuties,
): number {
  return instance.maxmemory === undefined
    ? deriveMaxmemory(parseKubernetesQuantity(instance.memoryLimit), duties)
    : parseRedisSize(instance.maxmemory);
}

function workerImage(worker: ParsedConfig["images"]["worker"]): WorkerImageConfig {
  if (worker.prebuilt !== undefined) return { prebuilt: worker.prebuilt };
  const build = worker.build ?? imagesSchema.parse({ worker: { build: {} } }).worker.build;
  if (build === undefined) throw new TypeError("the schema has no defaults for images.worker.build");
  return { build };
}

/**
 * Completes a parsed configuration. Rules between values are not checked here.
 * @param stack name of the Pulumi stack
 */
export function resolveConfig(parsed: ParsedConfig, stack: string): AppConfig {
  const { sentinel, writeSafety } = parsed;
  const profile = PROFILES[sentinel.profile];
  const downAfterMs = sentinel.downAfterMs ?? profile.downAfterMs;
  const namespace = parsed.namespace ?? `sessiondb-${stack}`;
  return {
    ...parsed,
    stack,
    namespace,
    images: { ...parsed.images, worker: workerImage(parsed.images.worker) },
    redis: {
      ...parsed.redis,
      nodes: parsed.mode === "sentinel" ? parsed.redis.replicas + 1 : 1,
      maxmemoryBytes: maxmemoryBytes(parsed.redis, sessionDuties(parsed)),
    },
    cache: { ...parsed.cache, maxmemoryBytes: maxmemoryBytes(parsed.cache, CACHE_DUTIES) },
    sentinel: {
      ...sentinel,
      downAfterMs,
      failoverTimeoutMs: sentinel.failoverTimeoutMs ?? Math.max(MIN_FAILOVER_TIMEOUT_MS, 3 * downAfterMs),
    },
    writeSafety: { ...writeSafety, maxLagSeconds: writeSafety.maxLagSeconds ?? profile.maxLagSeconds },
    network: {
      ...parsed.network,
      clientNamespaceLabels: parsed.network.clientNamespaceLabels ?? { "sessiondb/access": namespace },
    },
  };
}
