import type { ExpiringKind, Keys } from "../../client/keys.ts";
import { replyCode } from "../shared/replyErrors.ts";
import type { CleanupContext } from "./context.ts";
import { SECONDS_BELOW } from "./deadlines.ts";
import { readEntries, type EntryLook } from "./entries.ts";
import { judgeDue } from "./judge.ts";
import { timeMs } from "./replies.ts";
import { KEEP, type Decision, type Work, type Write } from "./writes.ts";

interface DueEntry {
  readonly id: string;
  readonly score: number;
}

/** Scores above this and below SECONDS_BELOW are surely seconds: as such they are later than 2001. */
const PLAUSIBLE_SECONDS_FROM = 1_000_000_000;
const MS_PER_SECOND = 1_000;

/**
 * Walks the due part of one `expirations:{kind}` index, oldest first: drops entries whose key is gone, moves
 * those whose key lives on, and ends keys that are past their deadline.
 *
 * Scores are milliseconds; an index that an older application keeps in seconds is understood as well.
 *
 * @returns whether the end of the due part was reached
 */
export async function walkDue(kind: ExpiringKind, options: CleanupContext): Promise<boolean> {
  const nowMs = timeMs({ state: "value", value: await options.redis.time() });
  const ranges = [
    ["-inf", Math.floor(nowMs / MS_PER_SECOND)],
    [SECONDS_BELOW, nowMs],
  ] as const;
  try {
    for (const [from, to] of ranges) {
      if (!(await walkRange(kind, options, from, to))) return false;
    }
  } catch (error) {
    if (replyCode(error) !== "WRONGTYPE") throw error;
    options.ledger.malformed += 1;
    options.logger.warn({ key: options.keys.expirations(kind) }, "this index is no sorted set; left alone");
  }
  return true;
}

async function walkRange(
  kind: ExpiringKind,
  options: CleanupContext,
  from: number | string,
  to: number,
): Promise<boolean> {
  const { redis, ledger, batchSize, budget } = options;
  const index = options.keys.expirations(kind);
  const work = dueWork(kind, options);
  // Entries that stay where they are would come back in every batch: step over them.
  let stepOver = 0;
  while (!budget.isSpent()) {
    const flat = await redis.zrangebyscore(index, from, to, "WITHSCORES", "LIMIT", stepOver, batchSize);
    const due = pairs(flat);
    if (due.length === 0) return true;
    ledger.due += due.length;
    stepOver += await options.store.settle(due, work);
  }
  return false;
}

function dueWork(kind: ExpiringKind, options: CleanupContext): Work<DueEntry, EntryLook> {
  const { keys, redis, store } = options;
  return {
    guards: ({ id }) => [keys.entry(kind, id)],
    look: (items) =>
      readEntries(
        redis,
        store,
        items.map(({ id }) => keys.entry(kind, id)),
      ),
    decide: (item, look) => decideDue(kind, keys, item, look),
  };
}

function decideDue(kind: ExpiringKind, keys: Keys, item: DueEntry, look: EntryLook): Decision {
  const verdict = judgeDue(look.entry, look.nowMs);
  switch (verdict.verdict) {
    case "gone":
      return { writes: [indexRemoval(kind, keys, item.id)] };
    case "expired":
      return { writes: entryRemoval(kind, keys, item.id, look) };
    case "live": {
      if (verdict.untilMs === undefined || !Number.isFinite(verdict.untilMs)) return KEEP;
      const inSeconds = item.score >= PLAUSIBLE_SECONDS_FROM && item.score < SECONDS_BELOW;
      const score = inSeconds ? Math.ceil(verdict.untilMs / MS_PER_SECOND) : verdict.untilMs;
      return { writes: [{ op: "rescore", key: keys.expirations(kind), member: item.id, score }] };
    }
    case "undecidable":
    case "malformed":
    case "failed":
      return { writes: [], note: verdict.verdict };
  }
}

/** Everything that goes when an entry ends: the key, its deadline, its place in the owner's list. */
export function entryRemoval(kind: ExpiringKind, keys: Keys, id: string, look: EntryLook): Write[] {
  const writes: Write[] = [
    { op: "unlink", key: keys.entry(kind, id), counts: kind },
    indexRemoval(kind, keys, id),
  ];
  const user = look.entry.state === "present" ? look.entry.user : undefined;
  if (kind === "session" && user !== undefined && user !== "") {
    writes.push({ op: "zrem", key: keys.userSessions(user), member: id, counts: "user_sessions" });
  }
  return writes;
}

function indexRemoval(kind: ExpiringKind, keys: Keys, id: string): Write {
  return { op: "zrem", key: keys.expirations(kind), member: id, counts: "expirations" };
}

function pairs(flat: readonly string[]): DueEntry[] {
  const entries: DueEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ id: flat[at] ?? "", score: Number(flat[at + 1]) });
  }
  return entries;
}
