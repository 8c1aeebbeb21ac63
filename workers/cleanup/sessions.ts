import { EXPIRING_KINDS } from "../../client/keys.ts";
import type { SweepingContext } from "./context.ts";
import { createCursorStore } from "./cursorStore.ts";
import { walkDue } from "./dueWalk.ts";
import { createSessionPages } from "./sessionPages.ts";
import { sweep } from "./sweep.ts";
import { createUserIndexCleaner } from "./userIndexes.ts";

/** How far a run came. */
export interface CleanupEnd {
  /** Whether everything due was walked and the keyspace seen to its end. */
  readonly complete: boolean;
  /** Cursor of an earlier, unfinished sweep that was taken up; null for a fresh one. */
  readonly resumedFrom: string | null;
}

/** The walk of due entries may not use up the sweep's time. */
const WALK_SHARE = 0.7;

/**
 * Removes sessions and tokens that are past their deadlines: first what the deadline indexes call due, then,
 * in a bounded sweep that later runs continue, what no index knows about.
 */
export async function cleanSessions(options: SweepingContext): Promise<CleanupEnd> {
  const { budget, redis } = options;
  let complete = true;
  const walkBudget = budget.share(WALK_SHARE);
  for (const kind of EXPIRING_KINDS) {
    complete = (await walkDue(kind, { ...options, budget: walkBudget })) && complete;
  }
  const cursors = await createCursorStore({ ...options, scope: "sessions" });
  const from = await cursors.load();
  const resumedFrom = from === "0" ? null : from;
  if (budget.isSpent()) return { complete: false, resumedFrom };
  const shouldStop = (): boolean => budget.isSpent();
  const end = await sweep({
    redis,
    ledger: options.ledger,
    scanCount: options.scanCount,
    from,
    page: createSessionPages({ ...options, userIndexes: createUserIndexCleaner({ ...options, shouldStop }) }),
    shouldStop,
    onPage: (next) => cursors.save(next),
  });
  return { complete: complete && end.complete, resumedFrom };
}
