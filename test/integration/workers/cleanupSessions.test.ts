import { expect } from "chai";
import type { Redis } from "ioredis";
import { createKeys, FIELDS } from "../../../client/keys.ts";
import { assertNoRedisLeft, type RedisServer } from "../../helpers/redis.ts";
import { clean, picture, startWithAccounts, tester } from "./support.ts";

const keys = createKeys();
const HOUR_MS = 3_600_000;

describe("cleanup of sessions against a real server", function () {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startWithAccounts();
    redis = tester(server);
  });

  after(async () => {
    await server.stop();
    await assertNoRedisLeft();
  });

  beforeEach(async () => {
    await redis.flushall();
  });

  /** A session as the data model keeps it. */
  async function session(
    id: string,
    fields: { idle?: number; absolute?: number; user?: string },
    ttlMs?: number,
  ) {
    const key = keys.session(id);
    await redis.hset(key, {
      [FIELDS.data]: "{}",
      ...(fields.idle === undefined ? {} : { [FIELDS.idleDeadlineMs]: fields.idle }),
      ...(fields.absolute === undefined ? {} : { [FIELDS.absoluteDeadlineMs]: fields.absolute }),
      ...(fields.user === undefined ? {} : { [FIELDS.user]: fields.user }),
    });
    if (ttlMs !== undefined) await redis.pexpire(key, ttlMs);
    if (fields.user !== undefined) await redis.zadd(keys.userSessions(fields.user), 1, id);
  }

  it("drops index entries whose key is gone", async () => {
    await redis.zadd(keys.expirations("session"), Date.now() - 1, "gone", Date.now() + HOUR_MS, "future");
    await redis.zadd(keys.expirations("refresh_token"), 5, "old");
    const summary = await clean(server, "sessions");
    expect(await redis.zrange(keys.expirations("session"), "0", "-1")).to.deep.equal(["future"]);
    expect(await redis.exists(keys.expirations("refresh_token"))).to.equal(0);
    expect(summary).to.deep.include({ due: 2, complete: true, exitCode: 0 });
    expect(summary.removed).to.deep.include({ expirations: 2, session: 0 });
  });

  it("moves the entry of a session that was touched to its later deadline", async () => {
    const before = Date.now();
    await session("alive", { idle: before - 1 }, HOUR_MS);
    await redis.zadd(keys.expirations("session"), before - 1_000, "alive");
    const summary = await clean(server, "sessions");
    const score = Number(await redis.zscore(keys.expirations("session"), "alive"));
    expect(score).to.be.within(before + HOUR_MS - 1_000, Date.now() + HOUR_MS);
    expect(await redis.exists(keys.session("alive"))).to.equal(1);
    expect(summary.rescored).to.equal(1);
  });

  it("ends a session past its absolute deadline although its TTL still runs, with all that points to it", async () => {
    await session("late", { absolute: Date.now() - 1, user: "ada" }, HOUR_MS);
    await session("young", { absolute: Date.now() + HOUR_MS, user: "ada" }, HOUR_MS);
    await redis.zadd(keys.expirations("session"), 10, "late");
    const summary = await clean(server, "sessions");
    expect(await redis.exists(keys.session("late"))).to.equal(0);
    expect(await redis.zrange(keys.userSessions("ada"), "0", "-1")).to.deep.equal(["young"]);
    expect(summary.removed).to.deep.include({ session: 1, expirations: 1, user_sessions: 1 });
  });

  it("ends due entries without TTL, of tokens too", async () => {
    await session("endless", {});
    await redis.hset(keys.refreshToken("r"), "user", "ada");
    await redis.hset(keys.deletionToken("d"), { [FIELDS.absoluteDeadlineMs]: Date.now() - 5 });
    for (const [kind, id] of [
      ["session", "endless"],
      ["refresh_token", "r"],
      ["deletion_token", "d"],
    ] as const) {
      await redis.zadd(keys.expirations(kind), Date.now() - 1, id);
    }
    const summary = await clean(server, "sessions");
    expect(await redis.dbsize()).to.equal(0);
    expect(summary.removed).to.deep.include({ session: 1, refresh_token: 1, deletion_token: 1 });
  });

  it("keeps a due session without TTL whose own deadline is still ahead", async () => {
    const idle = Date.now() + HOUR_MS;
    await session("kept", { idle });
    await redis.zadd(keys.expirations("session"), 1, "kept");
    await clean(server, "sessions");
    expect(await redis.exists(keys.session("kept"))).to.equal(1);
    expect(Number(await redis.zscore(keys.expirations("session"), "kept"))).to.equal(idle);
  });

  it("understands an index kept in seconds", async () => {
    const soon = Math.floor(Date.now() / 1_000) + 600;
    await redis.zadd(keys.expirations("session"), soon, "not-due", soon - 1_200, "due");
    await session("not-due", {});
    const summary = await clean(server, "sessions");
    expect(await redis.zrange(keys.expirations("session"), "0", "-1")).to.deep.equal(["not-due"]);
    expect(await redis.exists(keys.session("not-due"))).to.equal(1);
    expect(summary.due).to.equal(1);
  });

  it("finds strays without TTL by their own deadlines, in hashes and in older JSON strings", async () => {
    await session("stray", { idle: Date.now() - 1 });
    await redis.set(keys.session("json-old"), JSON.stringify({ expires_at: "2024-01-15T18:30:00" }));
    await redis.set(keys.session("json-new"), JSON.stringify({ expires_at: new Date(Date.now() + HOUR_MS) }));
    await redis.set(
      keys.session("cookie"),
      JSON.stringify({ cookie: { expires: "2024-01-15T18:30:00.000Z" } }),
    );
    await redis.set(keys.session("silent"), JSON.stringify({ user_id: 1 }));
    await redis.set(
      keys.session("with-ttl"),
      JSON.stringify({ expires_at: "2024-01-15T18:30:00" }),
      "EX",
      100,
    );
    await redis.hset(keys.deletionToken("t"), { [FIELDS.absoluteDeadlineMs]: 1_000 });
    const summary = await clean(server, "sessions");
    expect((await redis.keys("*")).sort()).to.deep.equal([
      keys.session("json-new"),
      keys.session("silent"),
      keys.session("with-ttl"),
    ]);
    expect(summary.removed).to.deep.include({ session: 3, deletion_token: 1 });
    expect(summary.undecidable).to.equal(1);
  });

  it("rids users' lists of sessions that are gone, in sorted and in plain sets, large ones too", async () => {
    await session("one", { user: "ada" }, HOUR_MS);
    await redis.zadd(keys.userSessions("ada"), 2, "ghost", 3, "phantom");
    await redis.sadd(keys.userSessions("old"), "one", "ghost");
    const ghosts = Array.from({ length: 3_000 }, (_, at) => [at, `ghost-${at}`]).flat();
    await redis.zadd(keys.userSessions("busy"), ...ghosts, 9_999, "one");
    const summary = await clean(server, "sessions");
    expect(await redis.zrange(keys.userSessions("ada"), "0", "-1")).to.deep.equal(["one"]);
    expect(await redis.smembers(keys.userSessions("old"))).to.deep.equal(["one"]);
    expect(await redis.zrange(keys.userSessions("busy"), "0", "-1")).to.deep.equal(["one"]);
    expect(summary.removed.user_sessions).to.equal(3_003);
  });

  it("never touches keys of others", async () => {
    await redis.rpush("rq:queue:default", "job");
    await redis.hset("rq:job:1", "created_at", "2020-01-01T00:00:00Z", "expires_at", "2020-01-01T00:00:00Z");
    await redis.set("spring:session:sessions:1", "{}");
    await redis.set("sess:abc", JSON.stringify({ expires_at: 1 }));
    await redis.set("cache:resource:x", "1");
    await redis.zadd("expirations:other", 1, "x");
    const before = await picture(redis);
    const summary = await clean(server, "sessions");
    expect(await picture(redis)).to.deep.equal(before);
    expect(summary.scanned).to.equal(6 + 1); // the run's own lock is in the keyspace as well
  });

  it("contains keys of a wrong type and truncated JSON", async () => {
    await redis.rpush(keys.session("list"), "x");
    await redis.set(keys.session("torn"), '{"expires_at": "2024-0');
    await redis.set(keys.userSessions("ada"), "not a set");
    await redis.hset(keys.expirations("refresh_token"), "a", "b");
    await redis.zadd(keys.expirations("session"), 1, "list", 2, "torn", 3, "gone");
    const summary = await clean(server, "sessions");
    expect(await redis.zrange(keys.expirations("session"), "0", "-1")).to.deep.equal(["list", "torn"]);
    expect(await redis.exists(keys.session("list"), keys.session("torn"), keys.userSessions("ada"))).to.equal(
      3,
    );
    expect(summary.malformed).to.equal(6);
    expect(summary).to.deep.include({ failed: 0, exitCode: 0, complete: true });
  });

  it("steps over entries it cannot settle instead of walking on the spot", async () => {
    for (let at = 0; at < 30; at += 1) await redis.rpush(keys.session(`list-${at}`), "x");
    await redis.zadd(
      keys.expirations("session"),
      ...Array.from({ length: 30 }, (_, at) => [at, `list-${at}`]).flat(),
    );
    await redis.zadd(keys.expirations("session"), 1_000, "gone");
    const summary = await clean(server, "sessions", { env: { CLEANUP_BATCH_SIZE: "10" } });
    expect(summary).to.deep.include({ due: 31, complete: true });
    expect(await redis.zscore(keys.expirations("session"), "gone")).to.equal(null);
  });

  it("in a dry run touches nothing and reports what a real run then does", async () => {
    await session("late", { absolute: Date.now() - 1, user: "ada" });
    await session("stray", { idle: Date.now() - 1, user: "bob" });
    await session("alive", { user: "ada" }, HOUR_MS);
    await redis.zadd(keys.expirations("session"), 1, "late", 2, "gone", 3, "alive");
    await redis.zadd(keys.userSessions("ada"), 5, "ghost");
    await redis.set(keys.session("silent"), "{}");
    const before = await picture(redis);
    const dry = await clean(server, "sessions", { dryRun: true });
    expect(await picture(redis)).to.deep.equal(before);
    const real = await clean(server, "sessions");
    for (const field of ["removed", "rescored", "undecidable", "malformed", "due"] as const) {
      expect(dry[field], field).to.deep.equal(real[field]);
    }
    expect(real.removed).to.deep.include({ session: 2, user_sessions: 3, expirations: 2 });
  });

  it("finds nothing left to do in a second run", async () => {
    await session("late", { absolute: Date.now() - 1, user: "ada" });
    await redis.zadd(keys.expirations("session"), 1, "late");
    await clean(server, "sessions");
    const second = await clean(server, "sessions");
    expect(Object.values(second.removed).reduce((sum, count) => sum + count, 0)).to.equal(0);
    expect(await redis.dbsize()).to.equal(0);
  });
});
