import type { Reading } from "./deadlines.ts";

/** What one look at a session or token key found. */
export type EntryState =
  | { readonly state: "gone" }
  /** Neither hash nor string, or content that cannot be read. */
  | { readonly state: "malformed" }
  /** Redis refused to answer for this key. */
  | { readonly state: "failed" }
  | {
      readonly state: "present";
      /** Remaining lifetime; undefined for a key without TTL. */
      readonly ttlMs: number | undefined;
      /** Deadline that touching can move. */
      readonly idleDeadlineMs: number | undefined;
      /** Deadline that nothing moves. */
      readonly absoluteDeadlineMs: number | undefined;
      /** What fields or JSON of older applications say. */
      readonly legacy: Reading;
      /** Owner, when the entry names one. */
      readonly user: string | undefined;
    };

/** What is to be done with an entry. */
export type Verdict =
  | { readonly verdict: "gone" | "expired" | "undecidable" | "malformed" | "failed" }
  | { readonly verdict: "live"; readonly untilMs: number | undefined };

/**
 * Judges an entry that its index calls due.
 *
 * A TTL is Redis's own promise to end the key, so a key with one is left to it, unless its absolute deadline
 * has passed. Without a TTL the entry's own deadlines count, and without those the index.
 */
export function judgeDue(entry: EntryState, nowMs: number): Verdict {
  if (entry.state !== "present") return { verdict: entry.state };
  if (hasPassed(entry.absoluteDeadlineMs, nowMs)) return { verdict: "expired" };
  if (entry.ttlMs !== undefined) {
    return { verdict: "live", untilMs: Math.min(nowMs + entry.ttlMs, entry.absoluteDeadlineMs ?? Infinity) };
  }
  if (entry.legacy.state === "malformed") return { verdict: "malformed" };
  const deadlineMs = storedDeadlineMs(entry);
  if (deadlineMs === undefined || deadlineMs <= nowMs) return { verdict: "expired" };
  return { verdict: "live", untilMs: deadlineMs };
}

/**
 * Judges an entry that the sweep met. Only its own words count here: a key without TTL and without a
 * deadline may be somebody's live session, so it is never removed.
 */
export function judgeStray(entry: EntryState, nowMs: number): Verdict {
  if (entry.state !== "present") return { verdict: entry.state };
  if (entry.ttlMs !== undefined) return { verdict: "live", untilMs: nowMs + entry.ttlMs };
  if (entry.legacy.state === "malformed") return { verdict: "malformed" };
  const deadlineMs = storedDeadlineMs(entry);
  if (deadlineMs === undefined) return { verdict: "undecidable" };
  return deadlineMs <= nowMs ? { verdict: "expired" } : { verdict: "live", untilMs: deadlineMs };
}

/** The earlier of the model's own deadlines; those of older applications only where it has none. */
function storedDeadlineMs(entry: Extract<EntryState, { state: "present" }>): number | undefined {
  const own = Math.min(entry.idleDeadlineMs ?? Infinity, entry.absoluteDeadlineMs ?? Infinity);
  if (own !== Infinity) return own;
  return entry.legacy.state === "known" ? entry.legacy.deadlineMs : undefined;
}

function hasPassed(deadlineMs: number | undefined, nowMs: number): boolean {
  return deadlineMs !== undefined && deadlineMs <= nowMs;
}
