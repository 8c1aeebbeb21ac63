import type { Address } from "./topology.ts";

/** What the agent reads from `INFO server replication persistence keyspace`. */
export interface ServerInfo {
  /** Changes with every start of the process. */
  readonly runId: string;
  readonly role: "primary" | "replica";
  /** Whom a replica follows; null for a primary. */
  readonly follows: Address | null;
  readonly linkUp: boolean;
  /** Seconds since a replica's link was lost; null while it is up, was never up in this process, or for a primary. */
  readonly linkDownSeconds: number | null;
  readonly loading: boolean;
  readonly replicationId: string;
  /** The id that was continued under the present one; null when there is none. */
  readonly secondReplicationId: string | null;
  /** Bytes of the stream generated (primary) or applied (replica). */
  readonly offset: number;
  /** Priority for promotion; 0 means never. Only a replica reports it. */
  readonly priority: number;
  readonly aofEnabled: boolean;
  /** Bytes of all append-only files together, at the same instant as `offset`. */
  readonly aofBytes: number;
  /** A rewrite runs or waits: until it ends, a fresh copy may be in memory only. */
  readonly aofRewriting: boolean;
  readonly aofRewriteFailed: boolean;
  /** Keys of all databases. */
  readonly keys: number;
}

/** The sections that parseInfo needs; several at once are understood from Redis 7.0 on. */
export const INFO_SECTIONS = ["server", "replication", "persistence", "keyspace"] as const;

const NO_ID = /^0+$/;

/**
 * Parses an INFO reply.
 * @throws {Error} when a field is missing that every supported server reports
 */
export function parseInfo(text: string): ServerInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const role = required(fields, "role") === "master" ? "primary" : "replica";
  const secondId = fields.get("master_replid2") ?? "0";
  const offsetField = role === "replica" ? "slave_repl_offset" : "master_repl_offset";
  return {
    runId: required(fields, "run_id"),
    role,
    follows:
      role === "replica"
        ? { host: required(fields, "master_host"), port: Number(required(fields, "master_port")) }
        : null,
    linkUp: fields.get("master_link_status") === "up",
    linkDownSeconds: linkDownSeconds(fields),
    loading: fields.get("loading") === "1" || fields.get("async_loading") === "1",
    replicationId: required(fields, "master_replid"),
    secondReplicationId: NO_ID.test(secondId) ? null : secondId,
    offset: Number(fields.get(offsetField) ?? "0"),
    priority: Number(fields.get("slave_priority") ?? "100"),
    aofEnabled: fields.get("aof_enabled") === "1",
    aofBytes: Number(fields.get("aof_current_size") ?? "0"),
    aofRewriting:
      fields.get("aof_rewrite_in_progress") === "1" || fields.get("aof_rewrite_scheduled") === "1",
    aofRewriteFailed: fields.get("aof_last_bgrewrite_status") === "err",
    keys: countKeys(fields),
  };
}

function linkDownSeconds(fields: ReadonlyMap<string, string>): number | null {
  // Absent while the link is up; -1 for a link that this process never had.
  const seconds = Number(fields.get("master_link_down_since_seconds") ?? "-1");
  return seconds >= 0 ? seconds : null;
}

function countKeys(fields: ReadonlyMap<string, string>): number {
  let keys = 0;
  for (const [field, value] of fields) {
    if (/^db\d+$/.test(field)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? "0");
  }
  return keys;
}

function required(fields: ReadonlyMap<string, string>, field: string): string {
  const value = fields.get(field);
  if (value === undefined) throw new Error(`INFO reply has no field ${field}; is this a Redis 7 or newer?`);
  return value;
}
