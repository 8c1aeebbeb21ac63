/** From a stack's configuration to the settings of each kind of instance: sessions and separate cache. Pure. */
import type { AppConfig } from "../../stacks/configSchema.ts";
import type { RedisConfSettings } from "./redisConf.ts";

/** Where an instance finds its files and listens; the defaults are the paths inside of the pods. */
export interface InstancePaths {
  readonly port: number;
  readonly dataDirectory: string;
  readonly aclFile: string;
  readonly replicationAuthFile: string;
}

/** Paths inside of the Redis pods. */
export const POD_PATHS: InstancePaths = {
  port: 6379,
  dataDirectory: "/data",
  aclFile: "/etc/sessiondb/acl/users.acl",
  replicationAuthFile: "/etc/sessiondb/auth/replication.conf",
};

function common(config: AppConfig, paths: InstancePaths) {
  const { redis } = config;
  return {
    engine: config.engine,
    port: paths.port,
    dataDirectory: paths.dataDirectory,
    aclFile: paths.aclFile,
    maxmemorySamples: redis.maxmemorySamples,
    activeDefrag: redis.activeDefrag,
    jemallocBackgroundThread: redis.jemallocBackgroundThread,
    lazyFree: redis.lazyFree,
    databases: redis.databases,
    maxClients: redis.maxClients,
    tcpKeepaliveSeconds: redis.tcpKeepaliveSeconds,
    idleTimeoutSeconds: redis.idleTimeoutSeconds,
    slowlogThresholdMicros: redis.slowlogThresholdMicros,
    slowlogMaxLength: redis.slowlogMaxLength,
    latencyMonitorThresholdMs: redis.latencyMonitorThresholdMs,
    encodings: redis.encodings,
  } as const;
}

/** Settings of the instances that hold sessions. */
export function sessionRedisSettings(config: AppConfig, paths: InstancePaths = POD_PATHS): RedisConfSettings {
  const { redis, persistence, writeSafety } = config;
  return {
    ...common(config, paths),
    maxmemoryBytes: redis.maxmemoryBytes,
    maxmemoryPolicy: redis.maxmemoryPolicy,
    notifyKeyspaceEvents: redis.notifyKeyspaceEvents,
    ...(persistence.enabled ? { persistence } : {}),
    ...(config.mode === "sentinel"
      ? {
          replication: {
            authFile: paths.replicationAuthFile,
            minReplicasToWrite: writeSafety.minReplicasToWrite,
            maxLagSeconds: writeSafety.maxLagSeconds,
            backlogSize: redis.replicationBacklogSize,
          },
        }
      : {}),
  };
}

/** Settings of the separate cache: evicting, on no disk, alone, and without expiry events that nobody listens to. */
export function cacheRedisSettings(config: AppConfig, paths: InstancePaths = POD_PATHS): RedisConfSettings {
  return {
    ...common(config, paths),
    maxmemoryBytes: config.cache.maxmemoryBytes,
    maxmemoryPolicy: config.cache.maxmemoryPolicy,
    notifyKeyspaceEvents: "",
  };
}
