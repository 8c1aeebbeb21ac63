import type { Redis } from "ioredis";
import type { ExpiringKind, Keys } from "../../client/keys.ts";
import { entryRemoval } from "./dueWalk.ts";
import { readEntries, type EntryLook } from "./entries.ts";
import { judgeStray } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import { asNumber, sortReply } from "./replies.ts";
import type { PageHandler } from "./sweep.ts";
import type { IndexType, UserIndexCleaner } from "./userIndexes.ts";
import { KEEP, type Decision, type Store, type Work } from "./writes.ts";

/** What the page handler works with. */
export interface SessionPagesOptions {
  readonly redis: Redis;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly batchSize: number;
  readonly userIndexes: UserIndexCleaner;
}

interface Stray {
  readonly kind: ExpiringKind;
  readonly id: string;
}

const NO_TTL = -1;

/**
 * The sweep's view of the session keyspace: entries without TTL are judged by their own deadlines, indexes
 * of users are rid of sessions that are gone, everything else is passed by. Keys with a TTL are left to Redis.
 */
export function createSessionPages(options: SessionPagesOptions): PageHandler {
  const { keys, ledger, redis, store } = options;
  const work: Work<Stray, EntryLook> = {
    guards: ({ kind, id }) => [keys.entry(kind, id)],
    look: (items) =>
      readEntries(
        redis,
        store,
        items.map(({ kind, id }) => keys.entry(kind, id)),
      ),
    decide: (stray, look) => decideStray(stray, look, keys),
  };
  return {
    accepts(key): boolean {
      const kind = keys.parse(key)?.kind;
      return kind !== undefined && kind !== "cache" && kind !== "expirations";
    },
    look(pipeline, page): void {
      for (const key of page) {
        if (keys.parse(key)?.kind === "user_sessions") pipeline.type(key);
        else pipeline.pttl(key);
      }
    },
    async settle(page, replies): Promise<void> {
      const strays: Stray[] = [];
      const indexes: { key: string; type: IndexType }[] = [];
      page.forEach((key, position) => {
        const parsed = keys.parse(key);
        if (parsed === undefined || parsed.kind === "cache" || parsed.kind === "expirations") return;
        const reply = sortReply(replies[position]);
        if (reply.state === "refused") ledger.failed += 1;
        else if (parsed.kind !== "user_sessions") {
          if (asNumber(reply) === NO_TTL) strays.push({ kind: parsed.kind, id: parsed.id });
        } else if (reply.state === "value" && (reply.value === "zset" || reply.value === "set")) {
          indexes.push({ key, type: reply.value });
        } else if (reply.state !== "value" || reply.value !== "none") ledger.malformed += 1;
      });
      for (const batch of chunks(strays, options.batchSize)) await store.settle(batch, work);
      await options.userIndexes.clean(indexes);
    },
  };
}

function decideStray(stray: Stray, look: EntryLook, keys: Keys): Decision {
  const verdict = judgeStray(look.entry, look.nowMs);
  switch (verdict.verdict) {
    case "expired":
      return { writes: entryRemoval(stray.kind, keys, stray.id, look) };
    case "undecidable":
    case "malformed":
    case "failed":
      return { writes: [], note: verdict.verdict };
    case "gone":
    case "live":
      return KEEP;
  }
}

/** Cuts a list into pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < items.length; at += size) pieces.push(items.slice(at, at + size));
  return pieces;
}
