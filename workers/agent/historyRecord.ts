import { z } from "zod";
import type { History } from "./history.ts";
import type { ServerInfo } from "./infoReply.ts";

/** Name of the record's file in the data directory. */
export const RECORD_FILE = "sessiondb-agent.json";

/** Ids kept of a history; a set makes a new one per failover or cold start. */
const SUPERSEDED_LIMIT = 64;

const schema = z.object({
  /** The volume holds no data of worth: its node started empty and has not copied its primary yet. */
  unsynced: z.boolean(),
  replicationId: z.string(),
  secondReplicationId: z.string().nullable(),
  offset: z.number().int(),
  role: z.enum(["primary", "replica"]),
  superseded: z.array(z.string()),
  keys: z.number().int(),
  /** ISO time; for humans, never compared. */
  at: z.string(),
  /** Boot of the machine: another one means that what was not yet on the disk may be gone. */
  bootId: z.string(),
  /** The append-only files at the instant of `offset`; null without append-only persistence. */
  aof: z.object({ base: z.string(), bytes: z.number().int() }).nullable(),
});

/**
 * What the agent of a running node notes every second, because a server that loads its append-only file forgets the
 * replication id and offset of what it loads.
 */
export type HistoryRecord = Readonly<z.infer<typeof schema>>;

/** Facts around a sample that INFO does not tell. */
export interface RecordContext {
  readonly at: Date;
  readonly bootId: string;
  /** Base file that the append-only manifest names; null without one. */
  readonly aofBase: string | null;
}

/** Reads a record's text; null when it is damaged, which counts as a history that nobody recorded. */
export function parseRecord(text: string): HistoryRecord | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The record of a node that starts empty as a replica: until it has copied its primary, its files count for nothing. */
export function unsyncedRecord(context: RecordContext): HistoryRecord {
  return {
    unsynced: true,
    replicationId: "",
    secondReplicationId: null,
    offset: 0,
    role: "replica",
    superseded: [],
    keys: 0,
    at: context.at.toISOString(),
    bootId: context.bootId,
    aof: null,
  };
}

/**
 * Whether the server's live id and offset describe its data. A server that restarted as a replica and never reached
 * its primary has a made-up id and offset 0; what was recorded before still describes its data.
 */
export function isTrustworthy(info: ServerInfo, recorded: HistoryRecord | null): boolean {
  if (info.loading) return false;
  if (info.role === "primary" || info.linkUp) return true;
  return recorded !== null && !recorded.unsynced && recorded.replicationId === info.replicationId;
}

/**
 * The record to write now, or null to leave the present one: it must never claim more than the volume holds.
 * After a full copy the data is in memory only until the append-only file is rewritten, so a replica's record
 * stands still while that goes on.
 */
export function nextRecord(
  info: ServerInfo,
  previous: HistoryRecord | null,
  context: RecordContext,
): HistoryRecord | null {
  if (!isTrustworthy(info, previous)) return null;
  const copying = info.role === "replica" && info.aofEnabled && (info.aofRewriting || info.aofRewriteFailed);
  if (copying) return null;
  return {
    unsynced: false,
    replicationId: info.replicationId,
    secondReplicationId: info.secondReplicationId,
    offset: info.offset,
    role: info.role,
    superseded: supersededBy(info, previous),
    keys: info.keys,
    at: context.at.toISOString(),
    bootId: context.bootId,
    aof: info.aofEnabled && context.aofBase !== null ? { base: context.aofBase, bytes: info.aofBytes } : null,
  };
}

/** The history that a running server's trustworthy live values describe. */
export function liveHistory(info: ServerInfo, recorded: HistoryRecord | null): History {
  return {
    replicationId: info.replicationId,
    offset: info.offset,
    superseded: supersededBy(info, recorded),
    complete: info.role === "primary",
  };
}

/** The history that a record gives to files that may have grown, or lost their end, since it was written. */
export function recordedHistory(
  record: HistoryRecord,
  files: { readonly aofBase: string | null; readonly aofBytes: number; readonly bootId: string },
): History {
  const then = record.aof;
  const growth = then?.base === files.aofBase ? files.aofBytes - then.bytes : null;
  const nothingLost = growth !== null && growth >= 0 && record.bootId === files.bootId;
  return {
    replicationId: record.replicationId,
    offset: record.offset + (growth ?? 0),
    superseded: record.superseded,
    complete: record.role === "primary" && nothingLost,
  };
}

function supersededBy(info: ServerInfo, previous: HistoryRecord | null): string[] {
  const earlier =
    previous === null || previous.unsynced ? [] : [previous.replicationId, ...previous.superseded];
  const second = info.secondReplicationId === null ? [] : [info.secondReplicationId];
  const ids = new Set([...second, ...earlier]);
  ids.delete(info.replicationId);
  return [...ids].slice(0, SUPERSEDED_LIMIT);
}
