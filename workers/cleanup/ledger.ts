import type { ExpiringKind } from "../../client/keys.ts";

/** What can be removed: entries, members of an index, cache entries. */
export type RemovalKind = ExpiringKind | "user_sessions" | "expirations" | "cache";

/** The counters of one run; they go on counting when a run starts over after a lost connection. */
export interface Ledger {
  /** Keys that SCAN returned. */
  scanned: number;
  /** Entries of the deadline indexes that were due. */
  due: number;
  /** `user_sessions` and `expirations` count index members, the others count keys. */
  readonly removed: Record<RemovalKind, number>;
  /** Index entries moved to the later deadline of a key that lives on. */
  rescored: number;
  /** Cache entries that got the default TTL. */
  ttlSet: number;
  /** Keys without TTL and without a readable deadline: left alone. */
  undecidable: number;
  /** Keys of an unexpected type or with unreadable content: left alone. */
  malformed: number;
  /** Commands that Redis refused for another reason. */
  failed: number;
  /** Items that kept changing under the run's eyes: left to the next one. */
  conflicts: number;
}

/** A ledger full of zeros. */
export function createLedger(): Ledger {
  return {
    scanned: 0,
    due: 0,
    removed: { session: 0, refresh_token: 0, deletion_token: 0, user_sessions: 0, expirations: 0, cache: 0 },
    rescored: 0,
    ttlSet: 0,
    undecidable: 0,
    malformed: 0,
    failed: 0,
    conflicts: 0,
  };
}
