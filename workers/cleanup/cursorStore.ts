import type { Redis } from "ioredis";
import { cleanupCursorKey, type CleanupScope } from "../../client/keys.ts";
import type { Logger } from "../shared/logger.ts";
import { replyCode } from "../shared/replyErrors.ts";

/** The beginning of the keyspace, in SCAN's terms. */
export const SCAN_START = "0";
/** A position this old says nothing any more. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1_000;

/** Remembers where an unfinished sweep stopped, in Redis itself. */
export interface CursorStore {
  /** Where to go on; SCAN_START when there is nothing to resume. */
  load(): Promise<string>;
  /** Keeps the position, or forgets it when the sweep is through. */
  save(next: string): Promise<void>;
}

/** Settings of createCursorStore. */
export interface CursorStoreOptions {
  readonly redis: Redis;
  readonly scope: CleanupScope;
  readonly logger: Logger;
  /** A dry run reads the position but never moves it. */
  readonly dryRun: boolean;
}

/**
 * A cursor belongs to one server process: its order of keys comes from a seed drawn at start. So it is kept
 * with the run id, and after a restart or a failover the sweep begins anew.
 */
export async function createCursorStore(options: CursorStoreOptions): Promise<CursorStore> {
  const { redis, logger } = options;
  const key = cleanupCursorKey(options.scope);
  const runId = /^run_id:(\w+)/m.exec(await redis.info("server"))?.[1] ?? "unknown";
  let warned = false;
  return {
    async load(): Promise<string> {
      return resumable(await redis.get(key), runId);
    },
    async save(next: string): Promise<void> {
      if (options.dryRun) return;
      if (next === SCAN_START) {
        await redis.del(key);
        return;
      }
      try {
        await redis.set(key, JSON.stringify({ cursor: next, runId }), "PX", KEEP_MS);
      } catch (error) {
        // Full memory refuses the note; cleaning up is what helps against it, so go on without.
        if (replyCode(error) !== "OOM") throw error;
        if (!warned)
          logger.warn({ key }, "no memory for the sweep's position; an interrupted sweep starts over");
        warned = true;
      }
    },
  };
}

/** The kept cursor, if it is readable and of the same server process. */
export function resumable(kept: string | null, runId: string): string {
  if (kept === null) return SCAN_START;
  let value: unknown;
  try {
    value = JSON.parse(kept);
  } catch {
    return SCAN_START;
  }
  if (typeof value !== "object" || value === null || !("cursor" in value) || !("runId" in value)) {
    return SCAN_START;
  }
  const { cursor } = value;
  return typeof cursor === "string" && /^\d{1,20}$/.test(cursor) && value.runId === runId
    ? cursor
    : SCAN_START;
}
