/**
 * Runs inside a pod of an application's namespace, as an application would: it has nothing but the connection
 * string it was given. Prints one JSON line with what it saw.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Redis, type RedisOptions } from "ioredis";
import { createKeys, digestId, FIELDS } from "../../../client/keys.ts";

/** How to reach the database: a URL, or the Sentinels and the name they know the primary by. */
interface Connection {
  readonly url?: string;
  readonly sentinel?: RedisOptions;
}

interface Order {
  readonly action: "write" | "read" | "refusals";
  readonly connection: Connection;
  readonly sessions: number;
}

const keys = createKeys();
const BATCH = 1000;
const USERS = 500;
const SESSION_TTL_MS = 3_600_000;

function connect(connection: Connection, override: RedisOptions = {}): Redis {
  const options: RedisOptions = {
    lazyConnect: true,
    maxRetriesPerRequest: 20,
    connectTimeout: 5000,
    ...override,
  };
  if (connection.sentinel !== undefined) return new Redis({ ...connection.sentinel, ...options });
  if (connection.url === undefined) throw new Error("the connection has neither a URL nor Sentinels");
  const url = new URL(connection.url);
  // What a URL says wins over options, so a different login has to go into it.
  if (override.username !== undefined) url.username = override.username;
  if (override.password !== undefined) url.password = override.password;
  return new Redis(url.href, options);
}

function dataOf(index: number): string {
  return createHash("sha256").update(`session ${index}`).digest("base64url").repeat(4);
}

async function write(redis: Redis, sessions: number): Promise<{ written: number }> {
  const now = Date.now();
  for (let start = 0; start < sessions; start += BATCH) {
    const pipeline = redis.pipeline();
    for (let index = start; index < Math.min(start + BATCH, sessions); index += 1) {
      const digest = digestId(`id-${index}`);
      const key = keys.session(digest);
      const user = `user-${index % USERS}`;
      const deadline = now + SESSION_TTL_MS;
      pipeline.hset(key, {
        [FIELDS.data]: dataOf(index),
        [FIELDS.user]: user,
        [FIELDS.createdAtMs]: now,
        [FIELDS.absoluteDeadlineMs]: deadline,
      });
      pipeline.pexpireat(key, deadline);
      pipeline.zadd(keys.userSessions(user), now, digest);
      pipeline.zadd(keys.expirations("session"), deadline, digest);
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
  }
  return { written: sessions };
}

async function read(redis: Redis, sessions: number): Promise<{ intact: number; withTtl: number }> {
  let intact = 0;
  let withTtl = 0;
  for (let start = 0; start < sessions; start += BATCH) {
    const pipeline = redis.pipeline();
    const end = Math.min(start + BATCH, sessions);
    for (let index = start; index < end; index += 1) {
      pipeline.hget(keys.sessionOf(`id-${index}`), "data");
      pipeline.pttl(keys.sessionOf(`id-${index}`));
    }
    const replies = (await pipeline.exec()) ?? [];
    for (let index = start; index < end; index += 1) {
      if (replies[(index - start) * 2]?.[1] === dataOf(index)) intact += 1;
      if (Number(replies[(index - start) * 2 + 1]?.[1]) > 0) withTtl += 1;
    }
  }
  return { intact, withTtl };
}

async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return `accepted: ${JSON.stringify(await work())}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Tries what an application must not be able to do; every value is the server's answer. */
async function refusals(connection: Connection): Promise<Record<string, string>> {
  const once: RedisOptions = { retryStrategy: () => null, maxRetriesPerRequest: 0 };
  const withLogin = async (login: RedisOptions): Promise<string> => {
    const redis = connect(connection, { ...once, ...login });
    // A refused login ends the connection; the reason is in the error event.
    let reason = "";
    redis.on("error", (error: Error) => (reason = error.message));
    const answer = await refusalOf(async () => {
      await redis.connect();
      return redis.set(keys.sessionOf("intruder"), "x");
    });
    redis.disconnect();
    return `${answer} ${reason}`;
  };
  const redis = connect(connection);
  await redis.connect();
  const answers = {
    wrongPassword: await withLogin({ password: randomBytes(24).toString("hex") }),
    wrongAccount: await withLogin({ username: "nobody" }),
    flushall: await refusalOf(() => redis.flushall()),
    keys: await refusalOf(() => redis.keys("*")),
    eval: await refusalOf(() => redis.eval("return 1", 0)),
    config: await refusalOf(() => redis.config("GET", "*")),
    foreignKey: await refusalOf(() => redis.set("rq:queue:default", "x")),
    foreignRead: await refusalOf(() => redis.get("other")),
    ownKey: await refusalOf(() => redis.set(keys.refreshTokenOf("own"), "x", "EX", 60)),
  };
  redis.disconnect();
  return answers;
}

const order = JSON.parse(readFileSync("/order/order.json", "utf8")) as Order;
const started = performance.now();
let result: unknown;
if (order.action === "refusals") {
  result = await refusals(order.connection);
} else {
  const redis = connect(order.connection);
  await redis.connect();
  result = order.action === "write" ? await write(redis, order.sessions) : await read(redis, order.sessions);
  redis.disconnect();
}
process.stdout.write(
  `${JSON.stringify({ result, milliseconds: Math.round(performance.now() - started) })}\n`,
);
