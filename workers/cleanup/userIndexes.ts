import type { ChainableCommander, Redis } from "ioredis";
import type { Keys } from "../../client/keys.ts";
import type { Ledger } from "./ledger.ts";
import { allReplies, asNumber, sortReply, type PipelineReply } from "./replies.ts";
import { KEEP, type Store, type Work } from "./writes.ts";

/** Sorted sets are the data model's; plain sets were kept by older applications. */
export type IndexType = "zset" | "set";

/** A `user_sessions:*` key with its type. */
export interface UserIndex {
  readonly key: string;
  readonly type: IndexType;
}

/** Rids indexes of members whose session is gone. An index without members vanishes by itself in Redis. */
export interface UserIndexCleaner {
  clean(indexes: readonly UserIndex[]): Promise<void>;
}

/** What the cleaner works with. */
export interface UserIndexOptions {
  readonly redis: Redis;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly batchSize: number;
  /** Asked before each further part of a large index. */
  readonly shouldStop: () => boolean;
}

interface Member {
  readonly index: UserIndex;
  readonly member: string;
}

interface Part {
  readonly index: UserIndex;
  readonly cursor: string;
}

const START = "0";

/**
 * Reads the indexes of a page side by side, large ones in several parts, so that no reply and no list here
 * grows with the number of a user's sessions. Only members whose session was not there at first sight are
 * looked at again under guard, and removed.
 */
export function createUserIndexCleaner(options: UserIndexOptions): UserIndexCleaner {
  const { redis, store, ledger, batchSize } = options;
  const work: Work<Member, boolean> = {
    guards: ({ member }) => [sessionKey(options.keys, member)],
    look: (members) => areGone(options, members),
    decide: ({ index, member }, gone) =>
      gone
        ? {
            writes: [
              {
                op: index.type === "zset" ? "zrem" : "srem",
                key: index.key,
                member,
                counts: "user_sessions",
              },
            ],
          }
        : KEEP,
  };

  const cleanParts = async (parts: readonly Part[]): Promise<Part[]> => {
    const pipeline = redis.pipeline();
    for (const part of parts) addMemberScan(pipeline, part, batchSize);
    const replies = allReplies(await pipeline.exec());
    const next: Part[] = [];
    let members: Member[] = [];
    for (const [position, { index }] of parts.entries()) {
      const read = readMembers(replies[position], index);
      if (read === undefined) {
        ledger.malformed += 1;
        continue;
      }
      if (read.cursor !== START) next.push({ index, cursor: read.cursor });
      for (const member of read.members) {
        members.push({ index, member });
        if (members.length === batchSize) {
          await cleanMembers(members);
          members = [];
        }
      }
    }
    await cleanMembers(members);
    return next;
  };

  const cleanMembers = async (members: readonly Member[]): Promise<void> => {
    if (members.length === 0) return;
    const gone = await areGone(options, members);
    await store.settle(
      members.filter((_, position) => gone[position] === true),
      work,
    );
  };

  return {
    async clean(indexes): Promise<void> {
      let parts: Part[] = indexes.map((index) => ({ index, cursor: START }));
      while (parts.length > 0) {
        parts = await cleanParts(parts);
        if (options.shouldStop()) return;
      }
    },
  };
}

/** For each member whether its session is gone; false when Redis would not say. */
async function areGone(
  options: Pick<UserIndexOptions, "redis" | "store" | "keys" | "ledger">,
  members: readonly Member[],
): Promise<boolean[]> {
  if (members.length === 0) return [];
  const pipeline = options.redis.pipeline();
  const keys = members.map(({ member }) => sessionKey(options.keys, member));
  for (const key of keys) pipeline.exists(key);
  const replies = allReplies(await pipeline.exec());
  return members.map(({ index, member }, position) => {
    const reply = sortReply(replies[position]);
    if (reply.state !== "value") options.ledger.failed += 1;
    if (options.store.hidesMember(index.key, member)) return false;
    return asNumber(reply) === 0 || options.store.hides(keys[position] ?? "");
  });
}

/** Members are digests; some older applications listed whole keys. */
function sessionKey(keys: Keys, member: string): string {
  return keys.parse(member)?.kind === "session" ? member : keys.session(member);
}

function addMemberScan(pipeline: ChainableCommander, { index, cursor }: Part, count: number): void {
  if (index.type === "zset") pipeline.zscan(index.key, cursor, "COUNT", count);
  else pipeline.sscan(index.key, cursor, "COUNT", count);
}

function readMembers(
  reply: PipelineReply | undefined,
  index: UserIndex,
): { cursor: string; members: string[] } | undefined {
  const sorted = sortReply(reply);
  if (sorted.state !== "value") return undefined;
  const [cursor, flat] = sorted.value as [string, string[]];
  // ZSCAN answers with members and scores in turn.
  const members = index.type === "zset" ? flat.filter((_, position) => position % 2 === 0) : flat;
  return { cursor, members };
}
