import type { Redis } from "ioredis";
import type { Ledger } from "./ledger.ts";
import { allReplies, asNumber, sortReply } from "./replies.ts";
import type { Store, Work, Write } from "./writes.ts";

/** What the store needs. */
export interface DryRunStoreOptions {
  readonly redis: Redis;
  readonly ledger: Ledger;
}

/**
 * The store that only counts. It remembers what it would have removed, so that the later steps of the run
 * see the same data as they would after real removals and the counts come out equal. The memory grows with
 * the number of pretended removals.
 */
export class DryRunStore implements Store {
  readonly #redis: Redis;
  readonly #ledger: Ledger;
  readonly #keys = new Set<string>();
  readonly #members = new Map<string, Set<string>>();

  constructor(options: DryRunStoreOptions) {
    this.#redis = options.redis;
    this.#ledger = options.ledger;
  }

  hides(key: string): boolean {
    return this.#keys.has(key);
  }

  hidesMember(key: string, member: string): boolean {
    return this.#members.get(key)?.has(member) ?? false;
  }

  async settle<T, L>(items: readonly T[], work: Work<T, L>): Promise<number> {
    const looks = await work.look(items);
    const writes: Write[] = [];
    items.forEach((item, index) => {
      const look = looks[index];
      const decision = look === undefined ? undefined : work.decide(item, look);
      const note = decision === undefined ? "failed" : decision.note;
      if (note) this.#ledger[note] += 1;
      writes.push(...(decision?.writes ?? []));
    });
    await this.#pretend(writes);
    return items.length;
  }

  async #pretend(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    const pipeline = this.#redis.pipeline();
    for (const write of writes) {
      if (write.op === "unlink") pipeline.exists(write.key);
      else if (write.op === "srem") pipeline.sismember(write.key, write.member);
      else pipeline.zscore(write.key, write.member);
    }
    const replies = allReplies(await pipeline.exec());
    writes.forEach((write, position) => {
      const reply = sortReply(replies[position]);
      if (reply.state === "wrong-type") this.#ledger.malformed += 1;
      else if (reply.state === "refused") this.#ledger.failed += 1;
      // ZSCORE answers with a text or nil, the other two with 1 or 0.
      else if ((asNumber(reply) ?? (reply.value === null ? 0 : 1)) > 0) this.#count(write);
    });
  }

  #count(write: Write): void {
    if (write.op === "rescore") {
      this.#ledger.rescored += 1;
      return;
    }
    if (write.op === "unlink" ? this.hides(write.key) : this.hidesMember(write.key, write.member)) return;
    this.#ledger.removed[write.counts] += 1;
    if (write.op === "unlink") {
      this.#keys.add(write.key);
      return;
    }
    const members = this.#members.get(write.key) ?? new Set<string>();
    members.add(write.member);
    this.#members.set(write.key, members);
  }
}
