import { expect } from "chai";
import { Redis } from "ioredis";
import { cleanupCursorKey, cleanupLockKey, createKeys, FIELDS } from "../../../client/keys.ts";
import { Budget } from "../../../workers/cleanup/budget.ts";
import { GuardedStore } from "../../../workers/cleanup/guardedStore.ts";
import { createLedger, type Ledger } from "../../../workers/cleanup/ledger.ts";
import { cleanSessions } from "../../../workers/cleanup/sessions.ts";
import { LockHeldError } from "../../../workers/shared/errors/lockHeldError.ts";
import { assertNoRedisLeft, type RedisServer } from "../../helpers/redis.ts";
import { clean, PASSWORD, silent, startWithAccounts, tester } from "./support.ts";

const keys = createKeys();
const HOUR_MS = 3_600_000;

/** Lets a test act exactly between a batch's look and its transaction. */
class InterruptedRedis extends Redis {
  beforeExec: (transaction: number) => Promise<unknown> = () => Promise.resolve();
  #transactions = 0;

  override multi(...args: never[]): never {
    const transaction = super.multi(...args);
    const exec = transaction.exec.bind(transaction);
    const turn = (this.#transactions += 1);
    transaction.exec = async () => {
      await this.beforeExec(turn);
      return exec();
    };
    return transaction as never;
  }
}

describe("cleanup of sessions while they change", function () {
  let server: RedisServer;
  let redis: Redis;
  let worker: InterruptedRedis;
  let ledger: Ledger;

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
    ledger = createLedger();
    worker = new InterruptedRedis(server.port, "127.0.0.1", {
      username: "cleanup",
      password: PASSWORD,
      disableClientInfo: true,
    });
  });

  afterEach(() => worker.disconnect());

  async function run(batchSize = 200) {
    return cleanSessions({
      redis: worker,
      store: new GuardedStore({ redis: worker, ledger, logger: silent }),
      keys,
      ledger,
      logger: silent,
      budget: new Budget({ maxMs: 30_000, signal: new AbortController().signal }),
      batchSize,
      scanCount: 100,
      dryRun: false,
    });
  }

  async function revive(id: string): Promise<void> {
    await redis
      .multi()
      .hset(keys.session(id), FIELDS.data, "again")
      .pexpire(keys.session(id), HOUR_MS)
      .zadd(keys.expirations("session"), Date.now() + HOUR_MS, id)
      .zadd(keys.userSessions("ada"), Date.now(), id)
      .exec();
  }

  it("keeps the entry of a session that comes back between look and removal, and still removes the rest of its batch", async () => {
    for (let at = 0; at < 100; at += 1) await redis.zadd(keys.expirations("session"), at, `s${at}`);
    worker.beforeExec = async () =>
      (await redis.exists(keys.session("s50"))) === 0 ? revive("s50") : undefined;
    await run();
    expect(await redis.hget(keys.session("s50"), FIELDS.data)).to.equal("again");
    expect(await redis.zrange(keys.expirations("session"), "0", "-1")).to.deep.equal(["s50"]);
    expect(ledger.removed.expirations).to.equal(99);
  });

  it("keeps an expired session that is created anew between look and delete", async () => {
    for (let at = 0; at < 20; at += 1) {
      await redis.hset(keys.session(`s${at}`), { [FIELDS.absoluteDeadlineMs]: Date.now() - 1 });
      await redis.zadd(keys.expirations("session"), at, `s${at}`);
    }
    worker.beforeExec = async (turn) => {
      if (turn === 1) await redis.del(keys.session("s7"));
      if (turn === 1) await revive("s7");
    };
    await run();
    expect(await redis.keys("session:*")).to.deep.equal([keys.session("s7")]);
    expect(ledger.removed.session).to.equal(19);
  });

  it("keeps the member of a user's list whose session is created between look and removal", async () => {
    await redis.zadd(keys.userSessions("ada"), 1, "ghost", 2, "new");
    worker.beforeExec = async () =>
      (await redis.exists(keys.session("new"))) === 0 ? revive("new") : undefined;
    await run();
    expect(await redis.zrange(keys.userSessions("ada"), "0", "-1")).to.deep.equal(["new"]);
  });

  it("leaves an item that never stops changing to the next run", async () => {
    await redis.hset(keys.session("busy"), { [FIELDS.idleDeadlineMs]: Date.now() - 1 });
    worker.beforeExec = (turn) => redis.hset(keys.session("busy"), { [FIELDS.version]: turn });
    await run();
    expect(await redis.exists(keys.session("busy"))).to.equal(1);
    expect(ledger.conflicts).to.equal(1);
  });

  it("never removes a live session while others revive them at full speed", async () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => `r${at}`);
    await redis.zadd(keys.expirations("session"), ...ids.flatMap((id, at) => [at, id]));
    const stop = new AbortController();
    const revived = new Set<string>();
    const reviver = (async () => {
      for (let at = 0; !stop.signal.aborted; at = (at + 7) % ids.length) {
        const id = ids[at]!;
        await revive(id);
        revived.add(id);
      }
    })();
    const runs = [run(50), clean(server, "sessions", { env: { CLEANUP_BATCH_SIZE: "64" } })];
    await Promise.all(runs);
    stop.abort();
    await reviver;
    expect(revived.size).to.be.greaterThan(10);
    for (const id of revived) {
      expect(await redis.exists(keys.session(id)), id).to.equal(1);
      expect(await redis.zscore(keys.expirations("session"), id), id).to.not.equal(null);
      expect(await redis.zscore(keys.userSessions("ada"), id), id).to.not.equal(null);
    }
  });

  it("refuses to start while another run holds the lock, and gives its own back", async () => {
    await redis.set(cleanupLockKey("sessions"), "somebody", "PX", 60_000);
    const error = await clean(server, "sessions").catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(LockHeldError);
    expect(await redis.get(cleanupLockKey("sessions"))).to.equal("somebody");
    await redis.del(cleanupLockKey("sessions"));
    await clean(server, "sessions");
    expect(await redis.exists(cleanupLockKey("sessions"))).to.equal(0);
  });

  it("goes on where a run that was cut short left off", async () => {
    for (let at = 0; at < 2_000; at += 1) {
      await redis.hset(keys.session(`s${at}`), { [FIELDS.idleDeadlineMs]: Date.now() - 1 });
    }
    let cut = 0;
    worker.beforeExec = (turn) => {
      if (turn === 4) cut = ledger.scanned;
      if (turn === 4) worker.disconnect();
      return Promise.resolve();
    };
    const error = await run().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    const kept = JSON.parse((await redis.get(cleanupCursorKey("sessions")))!) as { cursor: string };
    const summary = await clean(server, "sessions");
    expect(summary.resumedFrom).to.equal(kept.cursor);
    expect(summary.scanned).to.be.lessThan(2_000);
    expect(cut + summary.scanned).to.be.at.least(2_000);
    expect(summary.complete).to.equal(true);
    expect(await redis.keys("session:*")).to.deep.equal([]);
    expect(await redis.exists(cleanupCursorKey("sessions"))).to.equal(0);
  });

  it("starts the sweep anew when the position is of another server process", async () => {
    await redis.set(cleanupCursorKey("sessions"), JSON.stringify({ cursor: "12345", runId: "f".repeat(40) }));
    await redis.hset(keys.session("stray"), { [FIELDS.idleDeadlineMs]: 1 });
    const summary = await clean(server, "sessions");
    expect(summary).to.deep.include({ resumedFrom: null, complete: true });
    expect(await redis.exists(keys.session("stray"))).to.equal(0);
  });

  it("stops between batches on a stop signal and says so", async () => {
    for (let at = 0; at < 200; at += 1) await redis.zadd(keys.expirations("session"), at, `gone${at}`);
    const stop = new AbortController();
    stop.abort();
    const summary = await clean(server, "sessions", { signal: stop.signal });
    expect(summary).to.deep.include({ interrupted: true, complete: false, exitCode: 3 });
    expect(await redis.zcard(keys.expirations("session"))).to.equal(200);
  });

  it("frees memory on a server that is too full to give it a lock", async () => {
    await redis.hset(keys.session("alive"), FIELDS.data, "x");
    await redis.pexpire(keys.session("alive"), HOUR_MS);
    await redis.hset(keys.session("late"), { [FIELDS.absoluteDeadlineMs]: 1 });
    await redis.zadd(keys.expirations("session"), 1, "late", 2, "alive");
    await redis.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1");
    try {
      const summary = await clean(server, "sessions");
      expect(summary.removed).to.deep.include({ session: 1, expirations: 0 });
      expect(summary).to.deep.include({ rescored: 0, exitCode: 3 });
    } finally {
      await redis.config("SET", "maxmemory", "0");
    }
    expect(await redis.exists(keys.session("alive"))).to.equal(1);
    const afterwards = await clean(server, "sessions");
    expect(afterwards).to.deep.include({ rescored: 1, failed: 0, exitCode: 0 });
    expect(await redis.zrange(keys.expirations("session"), "0", "-1")).to.deep.equal(["alive"]);
  });
});
