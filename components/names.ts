/**
 * Names that other parts rely on: Services by DNS, volumes by the StatefulSet that mounts them, Secrets by the
 * applications that mount them. Everything else is named by Pulumi.
 */
import type { AccountName } from "./aclFile.ts";

/** Domain of the cluster's names. */
const CLUSTER_DOMAIN = "cluster.local";

/** Services and StatefulSets. */
export const NAMES = {
  redis: "redis",
  redisHeadless: "redis-headless",
  redisReadOnly: "redis-readonly",
  sentinel: "sentinel",
  sentinelHeadless: "sentinel-headless",
  cache: "cache",
  cacheHeadless: "cache-headless",
  cleanupSessions: "cleanup-sessions",
  cleanupCache: "cleanup-cache",
  backup: "backup",
} as const;

/** Name of the volume in the pods of the StatefulSets; part of the name of every claim. */
export const DATA_VOLUME = "data";

/** Name of the pod, and of the Service of its own, at an ordinal of a StatefulSet. */
export function podName(set: string, ordinal: number): string {
  return `${set}-${ordinal}`;
}

/** Name of the claim that the pod at an ordinal of a StatefulSet mounts. */
export function claimName(set: string, ordinal: number): string {
  return `${DATA_VOLUME}-${podName(set, ordinal)}`;
}

/** Name of the Secret that holds an account's connection. */
export function accountSecretName(account: AccountName): string {
  return `account-${account}`;
}

/** DNS name of a Service, the same from every namespace. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** The first `count` ordinals: 0, 1, … */
export function ordinals(count: number): number[] {
  return Array.from({ length: count }, (_, ordinal) => ordinal);
}
