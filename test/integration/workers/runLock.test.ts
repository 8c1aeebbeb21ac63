import { once } from "node:events";
import { expect } from "chai";
import type { Redis } from "ioredis";
import { LockHeldError } from "../../../workers/shared/errors/lockHeldError.ts";
import { LockLostError } from "../../../workers/shared/errors/lockLostError.ts";
import { acquireRunLock } from "../../../workers/shared/runLock.ts";
import { assertNoRedisLeft, eventually, startRedis, type RedisServer } from "../../helpers/redis.ts";

const KEY = "sessiondb:cleanup:lock:sessions";

describe("run lock", () => {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = server.client();
  });

  after(async () => {
    await server.stop();
    await assertNoRedisLeft();
  });

  beforeEach(async () => {
    await redis.flushall();
  });

  it("is held by one of many who try at once", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () => acquireRunLock(server.client(), { key: KEY })),
    );
    const winners = tries.filter((it) => it.status === "fulfilled");
    expect(winners).to.have.length(1);
    for (const it of tries) if (it.status === "rejected") expect(it.reason).to.be.instanceOf(LockHeldError);
    expect(await redis.get(KEY)).to.equal(winners[0]!.value.token);
    await winners[0]!.value.release();
    expect(await redis.exists(KEY)).to.equal(0);
  });

  it("lives longer than its TTL while it is renewed", async () => {
    const lock = await acquireRunLock(server.client(), { key: KEY, ttlMs: 90 });
    await redis.persist(KEY);
    await redis.pexpire(KEY, 20_000);
    await eventually("the renewal has set its own TTL again", async () => (await redis.pttl(KEY)) <= 90);
    expect(lock.lost.aborted).to.equal(false);
    await lock.release();
  });

  it("says when it was lost, and does not free another's", async () => {
    const lock = await acquireRunLock(server.client(), { key: KEY, ttlMs: 90 });
    const lost = once(lock.lost, "abort");
    await redis.set(KEY, "another");
    await lost;
    expect(lock.lost.reason).to.be.instanceOf(LockLostError);
    await lock.release();
    expect(await redis.get(KEY)).to.equal("another");
  });

  it("ends by itself when its holder dies", async () => {
    const holder = server.client();
    await acquireRunLock(holder, { key: KEY, ttlMs: 60 });
    holder.disconnect();
    await eventually("the lock has run out", async () => (await redis.exists(KEY)) === 0);
  });
});
