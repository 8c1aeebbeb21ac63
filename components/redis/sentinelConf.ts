/**
 * The settings half of sentinel.conf. The other half (the monitored address, epochs, ids, known peers) belongs to Sentinel,
 * which rewrites it on its volume; it is never rendered here, so that no deployment can move a live primary.
 */

/** Settings of every Sentinel of a set. */
export interface SentinelConfSettings {
  readonly port: number;
  /** Directory on which Sentinel's rewritten configuration lives. */
  readonly dataDirectory: string;
  readonly aclFile: string;
  /** Name under which the Sentinels know the set. */
  readonly masterName: string;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
}

/** Name under which the Sentinels, and clients that ask them, know the set. */
export const MASTER_NAME = "sessiondb";

/**
 * Renders the settings lines, without `sentinel monitor`. Sentinel reads that line before any of these, wherever
 * in the file it stands.
 */
export function renderSentinelConf(settings: SentinelConfSettings): string {
  const set = settings.masterName;
  return [
    "bind * -::*",
    // As in redis.conf: the default user is off and the network policies decide who gets here.
    "protected-mode no",
    `port ${settings.port}`,
    `dir ${settings.dataDirectory}`,
    "daemonize no",
    "loglevel notice",
    'logfile ""',
    `aclfile ${settings.aclFile}`,
    "acllog-max-len 128",
    // All addresses are ClusterIPs: a slow resolver would block Sentinel's timer and send it into TILT.
    "sentinel resolve-hostnames no",
    "sentinel announce-hostnames no",
    // SENTINEL SET must never be a way to run programs.
    "sentinel deny-scripts-reconfig yes",
    `sentinel down-after-milliseconds ${set} ${settings.downAfterMs}`,
    `sentinel failover-timeout ${set} ${settings.failoverTimeoutMs}`,
    `sentinel parallel-syncs ${set} ${settings.parallelSyncs}`,
    "",
  ].join("\n");
}
