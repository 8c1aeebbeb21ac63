import { expect } from "chai";
import type { Redis } from "ioredis";
import { createKeys } from "../../../client/keys.ts";
import { assertNoRedisLeft, type RedisServer } from "../../helpers/redis.ts";
import { clean, picture, startWithAccounts, tester } from "./support.ts";

const keys = createKeys();
const TEN = { CLEANUP_CACHE_MAX_ENTRIES_PER_SERVICE: "10" };

describe("cleanup of the cache against a real server", function () {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startWithAccounts();
    redis = tester(server, 1);
  });

  after(async () => {
    await server.stop();
    await assertNoRedisLeft();
  });

  beforeEach(async () => {
    await redis.flushall();
  });

  async function entries(service: string, count: number, ttlSeconds: (at: number) => number | undefined) {
    const pipeline = redis.pipeline();
    for (let at = 0; at < count; at += 1) {
      const ttl = ttlSeconds(at);
      const key = keys.cache(service, `k${at}`);
      if (ttl === undefined) pipeline.set(key, "v");
      else pipeline.set(key, "v", "EX", ttl);
    }
    await pipeline.exec();
  }

  it("evicts exactly those nearest to expiry, of services above their limit only", async () => {
    await entries("resource", 25, (at) => 5_000 - at * 10);
    await entries("small", 10, () => 100);
    const summary = await clean(server, "cache", { env: TEN });
    const left = (await redis.keys("cache:resource:*")).sort();
    expect(left).to.deep.equal(
      Array.from({ length: 10 }, (_, at) => keys.cache("resource", `k${at}`)).sort(),
    );
    expect(await redis.keys("cache:small:*")).to.have.length(10);
    expect(summary.removed.cache).to.equal(15);
    expect(summary).to.deep.include({ scanned: 35, complete: true, exitCode: 0 });
  });

  it("holds the default limit of ten thousand", async () => {
    await entries("resource", 10_250, (at) => 1_000 + at);
    const summary = await clean(server, "cache");
    expect(summary.removed.cache).to.equal(250);
    expect(await redis.exists(keys.cache("resource", "k249"), keys.cache("resource", "k250"))).to.equal(1);
    expect(await redis.exists(keys.cache("resource", "k250"))).to.equal(1);
  });

  it("gives entries without TTL the default one and leaves the others theirs", async () => {
    await entries("resource", 3, (at) => (at === 0 ? 50 : undefined));
    await redis.hset(keys.cache("resource", "hash"), "a", "b");
    const summary = await clean(server, "cache");
    expect(await redis.ttl(keys.cache("resource", "k0"))).to.be.within(45, 50);
    expect(await redis.ttl(keys.cache("resource", "k1"))).to.be.within(86_390, 86_400);
    expect(await redis.ttl(keys.cache("resource", "hash"))).to.be.within(86_390, 86_400);
    expect(summary.ttlSet).to.equal(3);
  });

  it("among entries of equal lifetime evicts the longest idle", async () => {
    await entries("resource", 12, () => undefined);
    // RESTORE is the one command that sets an idle time.
    for (const [name, idle] of [
      ["k3", 500],
      ["k7", 900],
    ] as const) {
      const key = keys.cache("resource", name);
      const dump = await redis.dumpBuffer(key);
      await redis.call("RESTORE", key, "0", dump, "REPLACE", "IDLETIME", String(idle));
    }
    await clean(server, "cache", { env: TEN });
    expect(await redis.exists(keys.cache("resource", "k3"), keys.cache("resource", "k7"))).to.equal(0);
    expect(await redis.dbsize()).to.equal(10);
  });

  it("touches neither other keys of the database nor the sessions' database", async () => {
    await entries("resource", 30, () => undefined);
    await redis.set("cache:broken", "no service");
    await redis.set("cached:resource:x", "1");
    await redis.rpush("rq:queue:default", "job");
    await redis.set("session:x", "y");
    const sessions = tester(server, 0);
    await sessions.set("cache:resource:k0", "in database 0");
    await clean(server, "cache", { env: TEN });
    expect((await redis.keys("*")).filter((key) => !key.startsWith("cache:resource:")).sort()).to.deep.equal([
      "cache:broken",
      "cached:resource:x",
      "rq:queue:default",
      "session:x",
    ]);
    expect(await redis.ttl("cache:broken")).to.equal(-1);
    expect(await sessions.ttl("cache:resource:k0")).to.equal(-1);
  });

  it("in a dry run changes nothing and reports what a real run then does", async () => {
    await entries("resource", 40, (at) => (at % 2 === 0 ? 1_000 + at : undefined));
    await entries("other", 15, () => undefined);
    const before = await picture(redis);
    const dry = await clean(server, "cache", { env: TEN, dryRun: true });
    expect(await picture(redis)).to.deep.equal(before);
    const real = await clean(server, "cache", { env: TEN });
    expect(dry.removed).to.deep.equal(real.removed);
    expect(dry.ttlSet).to.equal(real.ttlSet);
    expect(real.removed.cache).to.equal(30 + 5);
  });

  it("keeps an idle policy that hides idle times from stopping it", async () => {
    await redis.config("SET", "maxmemory-policy", "allkeys-lfu");
    try {
      await entries("resource", 20, () => undefined);
      const summary = await clean(server, "cache", { env: TEN });
      expect(summary).to.deep.include({ failed: 0, exitCode: 0 });
      expect(await redis.dbsize()).to.equal(10);
    } finally {
      await redis.config("SET", "maxmemory-policy", "noeviction");
    }
  });

  it("never goes below the limit when two runs are at work at once on a filling cache", async () => {
    await entries("resource", 500, (at) => 1_000 + at);
    const results = await Promise.allSettled([
      clean(server, "cache", { env: TEN }),
      clean(server, "cache", { env: TEN }),
    ]);
    expect(results.some(({ status }) => status === "fulfilled")).to.equal(true);
    expect(await redis.dbsize()).to.equal(10);
  });
});
