import type { ChainableCommander, Redis } from "ioredis";
import type { Logger } from "../shared/logger.ts";
import { asWorkerError, replyCode } from "../shared/replyErrors.ts";
import type { Ledger } from "./ledger.ts";
import { allReplies, asNumber, sortReply } from "./replies.ts";
import type { Decision, Store, Work, Write } from "./writes.ts";

/** Looks at a single item before it is left to the next run. */
const SINGLE_ATTEMPTS = 3;
/** Any moment that has passed. */
const LONG_AGO_MS = 1;

/** What the store needs. */
export interface GuardedStoreOptions {
  /** Used by this store alone while it settles: WATCH belongs to a connection. */
  readonly redis: Redis;
  readonly ledger: Ledger;
  readonly logger: Logger;
}

/**
 * The store that writes. Each batch is WATCH, look, decide, MULTI ... EXEC: when any watched key changed
 * after the look, Redis runs none of the writes, and the batch is split in halves that look again. So
 * nothing that came back to life is ever removed, whoever else is at work.
 *
 * A server whose memory is full takes no transactions at all. Then entries without TTL are removed one by
 * one, which makes the room for transactions again.
 */
export class GuardedStore implements Store {
  readonly #redis: Redis;
  readonly #ledger: Ledger;
  readonly #logger: Logger;

  constructor(options: GuardedStoreOptions) {
    this.#redis = options.redis;
    this.#ledger = options.ledger;
    this.#logger = options.logger;
  }

  hides(): boolean {
    return false;
  }

  hidesMember(): boolean {
    return false;
  }

  async settle<T, L>(items: readonly T[], work: Work<T, L>, attempt = 1): Promise<number> {
    if (items.length === 0) return 0;
    const guards = items.flatMap((item) => work.guards(item));
    if (guards.length > 0) await this.#redis.watch(...guards);
    const looks = await work.look(items);
    const decisions = items.map((item, index) => {
      const look = looks[index];
      return look === undefined
        ? ({ writes: [], note: "failed" } satisfies Decision)
        : work.decide(item, look);
    });
    const outcomes = await this.#commit(decisions);
    if (outcomes === "changed") return this.#again(items, work, attempt);
    if (outcomes === "no-memory") return this.#withoutMemory(items, work, decisions, attempt);
    for (const decision of decisions) if (decision.note) this.#ledger[decision.note] += 1;
    const moved = await this.#rescore(decisions);
    return decisions.filter((_, index) => outcomes[index] !== true && moved[index] !== true).length;
  }

  /** For each decision whether something was removed, or why the transaction did not take place. */
  async #commit(decisions: readonly Decision[]): Promise<boolean[] | "changed" | "no-memory"> {
    const planned = decisions.flatMap((decision, index) =>
      decision.writes.filter((write) => write.op !== "rescore").map((write) => ({ write, index })),
    );
    const outcomes = decisions.map(() => false);
    if (planned.length === 0) {
      await this.#redis.unwatch();
      return outcomes;
    }
    const transaction = this.#redis.multi();
    for (const { write } of planned) addWrite(transaction, write);
    let replies: [Error | null, unknown][] | null;
    try {
      replies = await transaction.exec();
    } catch (error) {
      if (isOutOfMemory(error)) return "no-memory";
      throw asWorkerError(error, "committing a batch");
    }
    if (replies === null) return "changed";
    planned.forEach(({ write, index }, position) => {
      const reply = sortReply(replies[position]);
      if (reply.state === "wrong-type") this.#ledger.malformed += 1;
      else if (reply.state === "refused") {
        this.#ledger.failed += 1;
        this.#logger.warn({ key: write.key, op: write.op, err: reply.error }, "Redis refused a removal");
      }
      const removed = asNumber(reply) ?? 0;
      this.#ledger.removed[write.counts] += removed;
      if (removed > 0) outcomes[index] = true;
    });
    return outcomes;
  }

  /**
   * Moves index entries to later deadlines. Stands outside the transaction: ZADD is refused when memory is
   * full, and that must not cancel the removals which would make room. XX and GT make it safe by itself: it
   * neither brings an entry back nor ever moves one to an earlier time.
   */
  async #rescore(decisions: readonly Decision[]): Promise<boolean[]> {
    const planned = decisions.flatMap((decision, index) =>
      decision.writes.filter((write) => write.op === "rescore").map((write) => ({ write, index })),
    );
    const moved = decisions.map(() => false);
    if (planned.length === 0) return moved;
    const pipeline = this.#redis.pipeline();
    for (const { write } of planned) pipeline.zadd(write.key, "XX", "GT", "CH", write.score, write.member);
    const replies = allReplies(await pipeline.exec());
    planned.forEach(({ write, index }, position) => {
      const failure = replies[position]?.[0];
      if (failure && replyCode(failure) === "OOM") {
        this.#logger.debug(
          { key: write.key },
          "no memory for moving an index entry; the next run tries again",
        );
        return;
      }
      const changed = asNumber(sortReply(replies[position])) ?? 0;
      this.#ledger.rescored += changed;
      if (changed > 0) moved[index] = true;
    });
    return moved;
  }

  /**
   * Makes room, then tries the batch once more. PEXPIREAT with a moment in the past removes a key, and NX only
   * one that has no TTL, so never a session that came back; besides, no write that could bring one back
   * is accepted while memory is full. A cache entry may go without this care.
   */
  async #withoutMemory<T, L>(
    items: readonly T[],
    work: Work<T, L>,
    decisions: readonly Decision[],
    attempt: number,
  ): Promise<number> {
    const planned = decisions.flatMap(({ writes }) => writes.filter((write) => write.op === "unlink"));
    let freed = 0;
    if (attempt === 1 && planned.length > 0) {
      const pipeline = this.#redis.pipeline();
      for (const { key, counts } of planned) {
        if (counts === "cache") pipeline.unlink(key);
        else pipeline.pexpireat(key, LONG_AGO_MS, "NX");
      }
      const replies = allReplies(await pipeline.exec());
      planned.forEach(({ counts }, position) => {
        const removed = asNumber(sortReply(replies[position])) ?? 0;
        this.#ledger.removed[counts] += removed;
        freed += removed;
      });
      this.#logger.warn({ freed }, "memory is full: removed keys one by one to make room");
    }
    if (freed > 0) return this.settle(items, work, SINGLE_ATTEMPTS);
    this.#ledger.failed += items.length;
    return items.length;
  }

  async #again<T, L>(items: readonly T[], work: Work<T, L>, attempt: number): Promise<number> {
    if (items.length > 1) {
      const middle = Math.ceil(items.length / 2);
      return (
        (await this.settle(items.slice(0, middle), work)) + (await this.settle(items.slice(middle), work))
      );
    }
    if (attempt < SINGLE_ATTEMPTS) return this.settle(items, work, attempt + 1);
    this.#ledger.conflicts += 1;
    return 1;
  }
}

function addWrite(transaction: ChainableCommander, write: Write): void {
  switch (write.op) {
    case "unlink":
      transaction.unlink(write.key);
      break;
    case "zrem":
      transaction.zrem(write.key, write.member);
      break;
    case "srem":
      transaction.srem(write.key, write.member);
      break;
    case "rescore":
      break;
  }
}

/** Whether Redis would not even queue a transaction's commands. */
function isOutOfMemory(error: unknown): boolean {
  if (replyCode(error) !== "EXECABORT" || !(error instanceof Error) || !("previousErrors" in error))
    return false;
  const { previousErrors } = error;
  return Array.isArray(previousErrors) && previousErrors.some((previous) => replyCode(previous) === "OOM");
}
