import { createHash } from "node:crypto";
import { expect } from "chai";
import type { Redis } from "ioredis";
import {
  CACHE_ACCOUNTS,
  renderRedisAcl,
  sessionAccounts,
  type AccountName,
} from "../../components/aclFile.ts";
import { assertNoRedisLeft, startRedis, type RedisServer } from "../helpers/redis.ts";

const passwordOf = (name: string): string => `password-of-${name}`;
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const ACCOUNTS = sessionAccounts({ mode: "sentinel", cacheMode: "shared" });

type Command = readonly [name: string, ...args: string[]];

/** Commands that only admin may run, whatever their arguments. */
const DANGEROUS: readonly Command[] = [
  ["FLUSHALL"],
  ["FLUSHDB"],
  ["KEYS", "session:*"],
  ["CONFIG", "GET", "maxmemory"],
  ["CONFIG", "SET", "maxmemory", "1gb"],
  ["DEBUG", "SLEEP", "0"],
  ["SHUTDOWN", "NOSAVE"],
  ["EVAL", "return 1", "0"],
  ["FUNCTION", "LIST"],
  ["FCALL", "f", "0"],
  ["SCRIPT", "FLUSH"],
  ["SWAPDB", "0", "1"],
  ["MOVE", "session:1", "1"],
  ["COPY", "session:1", "session:2", "DB", "1"],
  ["ACL", "LIST"],
  ["MODULE", "LIST"],
  ["MONITOR"],
  ["REPLICAOF", "NO", "ONE"],
  ["FAILOVER"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["MIGRATE", "127.0.0.1", "1", "session:1", "0", "10"],
  ["RESTORE", "session:1", "0", "x"],
  ["SAVE"],
  ["BGSAVE"],
  ["RANDOMKEY"],
  ["SORT", "session:1"],
];

const APP: readonly Command[] = [
  ["HSET", "session:1", "data", "x"],
  ["PEXPIRE", "session:1", "1000"],
  ["HGETALL", "session:1"],
  ["SET", "session:json", "{}", "PX", "1000"],
  ["ZADD", "user_sessions:u", "1", "1"],
  ["SADD", "user_sessions:old", "1"],
  ["SET", "refresh_token:t", "x"],
  ["GETDEL", "refresh_token:t"],
  ["UNLINK", "deletion_token:t"],
  ["ZRANGEBYSCORE", "expirations:session", "0", "1"],
  ["SCAN", "0", "MATCH", "session:*"],
  ["WAIT", "0", "1"],
  ["INFO"],
  ["ROLE"],
  ["SELECT", "0"],
  ["SUBSCRIBE", "__keyevent@0__:expired"],
];

const ALLOWED: Readonly<Record<string, readonly Command[]>> = {
  admin: [
    ["CONFIG", "GET", "maxmemory"],
    ["EVAL", "return 1", "0"],
    ["ACL", "LIST"],
    ["KEYS", "*"],
  ],
  replication: [["PING"], ["REPLCONF", "capa", "eof"]],
  sentinel: [
    ["PING"],
    ["INFO"],
    ["ROLE"],
    ["PUBLISH", "__sentinel__:hello", "x"],
    ["CONFIG", "REWRITE"],
    ["CLIENT", "SETNAME", "s"],
  ],
  app: APP,
  cache: [
    ["SET", "cache:recipes:1", "x", "EX", "60"],
    ["GET", "cache:recipes:1"],
    ["SELECT", "1"],
    ["HSET", "cache:a:b", "f", "v"],
  ],
  monitor: [
    ["INFO", "all"],
    ["ROLE"],
    ["DBSIZE"],
    ["SLOWLOG", "GET", "1"],
    ["SLOWLOG", "LEN"],
    ["LATENCY", "LATEST"],
    ["CLIENT", "LIST"],
    ["MEMORY", "STATS"],
    ["SELECT", "1"],
  ],
  cleanup: [
    ["SCAN", "0"],
    ["TYPE", "session:1"],
    ["ZREM", "expirations:session", "1"],
    ["UNLINK", "session:x", "cache:a:x"],
    ["SET", "sessiondb:cleanup:lock", "t", "NX", "PX", "9"],
    ["WATCH", "session:1"],
    ["OBJECT", "IDLETIME", "cache:a:b"],
  ],
  backup: [["INFO"], ["REPLCONF", "rdb-only", "1"]],
};

/** Keys that an account must not reach, with a command that it has. */
const FOREIGN: Readonly<Record<string, readonly Command[]>> = {
  app: [
    ["GET", "cache:recipes:1"],
    ["GET", "rq:job:1"],
    ["RENAME", "session:1", "other:1"],
    ["SUBSCRIBE", "other"],
    ["PSUBSCRIBE", "*"],
  ],
  cache: [
    ["GET", "session:1"],
    ["SUBSCRIBE", "__keyevent@0__:expired"],
  ],
  cleanup: [
    ["UNLINK", "rq:queue:default"],
    ["HGETALL", "session:1"],
    ["HSET", "session:1", "user", "other"],
    ["SET", "session:1", "x"],
    ["ZADD", "user_sessions:u", "1", "x"],
  ],
  monitor: [
    ["GET", "session:1"],
    ["SCAN", "0"],
    ["MEMORY", "USAGE", "session:1"],
  ],
  backup: [
    ["GET", "session:1"],
    ["SCAN", "0"],
    ["DUMP", "session:1"],
  ],
  replication: [["GET", "session:1"], ["INFO"]],
  sentinel: [
    ["GET", "session:1"],
    ["PSYNC", "?", "-1"],
    ["CONFIG", "GET", "masterauth"],
    ["PUBLISH", "other", "x"],
  ],
};

/** "allowed", or the refusal; errors about arguments and types count as allowed, since the command itself ran. */
async function answer(client: Redis, [name, ...args]: Command): Promise<string> {
  try {
    await client.call(name, ...args);
    return "allowed";
  } catch (error) {
    const text = String(error);
    return text.includes("NOPERM") ? "NOPERM" : `allowed (${text})`;
  }
}

describe("ACL files on a real Redis", () => {
  let server: RedisServer;

  before(async () => {
    const aclFile = renderRedisAcl(
      ACCOUNTS.map((name) => ({ name, passwordHashes: [hash(passwordOf(name)), hash(`second-${name}`)] })),
    );
    // DEBUG open, so that it is the account that is refused and not the command.
    server = await startRedis({ aclFile, config: ["enable-debug-command yes"] });
  });

  after(async () => {
    await server.stop();
    await assertNoRedisLeft();
  });

  const as = (name: AccountName): Redis => server.client({ username: name, password: passwordOf(name) });

  for (const name of ACCOUNTS) {
    it(`lets ${name} run what it needs`, async () => {
      for (const command of ALLOWED[name]!) {
        // A fresh connection each, since SUBSCRIBE and WATCH leave a state behind.
        const client = server.client({
          username: name,
          password: passwordOf(name),
          enableReadyCheck: name !== "replication",
        });
        expect(await answer(client, command), command.join(" ")).to.match(/^allowed/);
        client.disconnect();
      }
    });
  }

  for (const name of ACCOUNTS.filter((account) => account !== "admin")) {
    it(`keeps everything dangerous from ${name}`, async () => {
      const client = server.client({ username: name, password: passwordOf(name), enableReadyCheck: false });
      const needed = name === "sentinel" ? ["CLIENT KILL", "REPLICAOF"] : [];
      for (const command of DANGEROUS) {
        if (needed.some((start) => command.join(" ").startsWith(start))) continue;
        expect(await answer(client, command), command.join(" ")).to.equal("NOPERM");
      }
    });

    it(`keeps foreign keys and channels from ${name}`, async () => {
      const client = server.client({ username: name, password: passwordOf(name), enableReadyCheck: false });
      for (const command of FOREIGN[name]!) {
        expect(await answer(client, command), command.join(" ")).to.equal("NOPERM");
      }
    });
  }

  for (const name of ["admin", "app", "cache", "monitor", "cleanup", "backup"] as const) {
    it(`lets ioredis connect as ${name} with its usual greeting, on both databases`, async () => {
      for (const db of [0, 1]) {
        const client = server.client({
          username: name,
          password: passwordOf(name),
          db,
          connectionName: "greeting",
          disableClientInfo: false,
          lazyConnect: true,
        });
        await client.connect();
        expect(client.status).to.equal("ready");
        expect(await client.call("ACL", "WHOAMI").catch((error: unknown) => String(error))).to.match(
          /NOPERM|admin/,
        );
      }
    });
  }

  it("accepts the second password of an account too", async () => {
    const client = server.client({ username: "app", password: "second-app", lazyConnect: true });
    await client.connect();
    expect(await client.ping()).to.equal("PONG");
  });

  it("refuses the default user, unknown users and wrong passwords", async () => {
    for (const login of [
      { password: passwordOf("app") },
      { username: "nobody", password: passwordOf("app") },
      { username: "app", password: passwordOf("cache") },
    ]) {
      const client = server.client({ ...login, lazyConnect: true, retryStrategy: () => null });
      const outcome = await client.connect().then(
        () => client.ping(),
        (error: unknown) => String(error),
      );
      expect(outcome).to.match(/WRONGPASS|NOAUTH|closed/);
    }
    expect(await answer(server.client({ enableReadyCheck: false }), ["PING"])).to.match(/NOAUTH/);
  });

  it("loads for the separate cache as well", async () => {
    const aclFile = renderRedisAcl(
      CACHE_ACCOUNTS.map((name) => ({ name, passwordHashes: [hash(passwordOf(name))] })),
    );
    const cache = await startRedis({ aclFile });
    try {
      const client = cache.client({ username: "cache", password: passwordOf("cache") });
      expect(await client.set("cache:a:1", "x")).to.equal("OK");
    } finally {
      await cache.stop();
    }
  });

  it("leaves the admin account whole", async () => {
    expect(await as("admin").call("ACL", "WHOAMI")).to.equal("admin");
  });
});
