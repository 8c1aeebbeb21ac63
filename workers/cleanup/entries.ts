import type { Redis } from "ioredis";
import { FIELDS } from "../../client/keys.ts";
import { latest, LEGACY_DEADLINE_FIELDS, parseInstantMs, readLegacyJson } from "./deadlines.ts";
import type { EntryState } from "./judge.ts";
import { allReplies, asNumber, asText, sortReply, timeMs, type Reply } from "./replies.ts";
import type { Store } from "./writes.ts";

/** A look at one entry and the server's clock at that moment. */
export interface EntryLook {
  readonly entry: EntryState;
  readonly nowMs: number;
}

const HASH_FIELDS = [
  FIELDS.idleDeadlineMs,
  FIELDS.absoluteDeadlineMs,
  FIELDS.user,
  ...LEGACY_DEADLINE_FIELDS,
];
const NO_TTL = -1;
const NO_KEY = -2;

/**
 * Looks at session or token keys: hashes of the data model, and JSON strings of older applications. One
 * round trip, and a second one only where a key is no hash.
 */
export async function readEntries(redis: Redis, store: Store, keys: readonly string[]): Promise<EntryLook[]> {
  const pipeline = redis.pipeline().time();
  for (const key of keys) pipeline.pttl(key).hmget(key, ...HASH_FIELDS);
  const replies = allReplies(await pipeline.exec());
  const nowMs = timeMs(sortReply(replies[0]));
  const found = keys.map((key, index) => ({
    key,
    ttl: asNumber(sortReply(replies[1 + index * 2])),
    fields: sortReply(replies[2 + index * 2]),
  }));
  const texts = await readTexts(
    redis,
    found.filter(({ fields }) => fields.state === "wrong-type").map(({ key }) => key),
  );
  return found.map(({ key, ttl, fields }) => {
    if (ttl === NO_KEY || store.hides(key)) return { entry: { state: "gone" }, nowMs };
    if (ttl === undefined || fields.state === "refused") return { entry: { state: "failed" }, nowMs };
    const ttlMs = ttl === NO_TTL ? undefined : ttl;
    return {
      entry: fields.state === "value" ? fromHash(fields, ttlMs) : fromText(texts.get(key), ttlMs),
      nowMs,
    };
  });
}

async function readTexts(redis: Redis, keys: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  if (keys.length === 0) return texts;
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.get(key);
  const replies = allReplies(await pipeline.exec());
  keys.forEach((key, index) => {
    const reply = sortReply(replies[index]);
    const text = reply.state === "value" ? asText(reply.value) : undefined;
    if (text !== undefined) texts.set(key, text);
  });
  return texts;
}

function fromHash(reply: Reply, ttlMs: number | undefined): EntryState {
  const values = reply.state === "value" && Array.isArray(reply.value) ? (reply.value as unknown[]) : [];
  const [idle, absolute, user, ...legacy] = values;
  return {
    state: "present",
    ttlMs,
    idleDeadlineMs: parseInstantMs(idle),
    absoluteDeadlineMs: parseInstantMs(absolute),
    legacy: latest(legacy),
    user: asText(user),
  };
}

function fromText(text: string | undefined, ttlMs: number | undefined): EntryState {
  if (text === undefined) return { state: "malformed" };
  return {
    state: "present",
    ttlMs,
    idleDeadlineMs: undefined,
    absoluteDeadlineMs: undefined,
    legacy: readLegacyJson(text),
    user: undefined,
  };
}
