import { createHash } from "node:crypto";
import { expect } from "chai";
import type { Redis } from "ioredis";
import {
  renderRedisAcl,
  renderSentinelAcl,
  SENTINEL_ACCOUNTS,
  sessionAccounts,
  type AccountName,
} from "../../components/aclFile.ts";
import { MASTER_NAME, renderSentinelConf } from "../../components/redis/sentinelConf.ts";
import {
  assertNoRedisLeft,
  eventually,
  freePort,
  startRedis,
  startSentinel,
  type RedisServer,
} from "../helpers/redis.ts";

const passwordOf = (name: string): string => `password-of-${name}`;
const hashed = (name: AccountName) => ({
  name,
  passwordHashes: [createHash("sha256").update(passwordOf(name)).digest("hex")],
});

const REDIS_ACL = renderRedisAcl(sessionAccounts({ mode: "sentinel", cacheMode: "separate" }).map(hashed));
const SENTINEL_ACL = renderSentinelAcl(SENTINEL_ACCOUNTS.map(hashed));
const REPLICATION = [`masteruser replication`, `masterauth ${passwordOf("replication")}`];

/** sentinel.conf of the project, with the lines that agent and Secret add in a pod, and without paths of a pod. */
function sentinelLines(primaryPort: number): readonly string[] {
  const settings = renderSentinelConf({
    port: 0,
    dataDirectory: "",
    aclFile: "",
    masterName: MASTER_NAME,
    downAfterMs: 500,
    failoverTimeoutMs: 3000,
    parallelSyncs: 1,
  });
  return [
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel auth-user ${MASTER_NAME} sentinel`,
    `sentinel auth-pass ${MASTER_NAME} ${passwordOf("sentinel")}`,
    "sentinel sentinel-user sentinel",
    `sentinel sentinel-pass ${passwordOf("sentinel")}`,
    ...settings.split("\n").filter((line) => line.startsWith("sentinel ") || line.startsWith("acllog")),
  ];
}

describe("Accounts and Sentinel settings on a real set", function () {
  this.timeout(60_000);
  const servers: RedisServer[] = [];

  after(async () => {
    for (const server of servers) await server.stop();
    await assertNoRedisLeft();
  });

  const started = async (server: Promise<RedisServer>): Promise<RedisServer> => {
    servers.push(await server);
    return server;
  };

  const ask = (server: RedisServer, username: AccountName): Redis =>
    server.client({ username, password: passwordOf(username) });

  it("are enough to replicate, to find each other and to fail over without admin", async () => {
    const port = await freePort();
    const primary = await started(startRedis({ port, config: REPLICATION, aclFile: REDIS_ACL }));
    const replica = await started(
      startRedis({ config: [...REPLICATION, `replicaof 127.0.0.1 ${port}`], aclFile: REDIS_ACL }),
    );
    await eventually("the replica is in step", async () =>
      (await ask(replica, "monitor").info("replication")).includes("master_link_status:up"),
    );
    const sentinels = [
      await started(startSentinel({ config: sentinelLines(port), aclFile: SENTINEL_ACL })),
      await started(startSentinel({ config: sentinelLines(port), aclFile: SENTINEL_ACL })),
    ];
    const views = sentinels.map((sentinel) => ask(sentinel, "discovery"));
    for (const view of views) {
      await eventually("each Sentinel knows the replica and the other Sentinel", async () => {
        const master = (await view.call("SENTINEL", "MASTER", MASTER_NAME)) as
          Record<string, string> | string[];
        const text = JSON.stringify(master).replaceAll('"', "").replaceAll(":", ",");
        return text.includes("num-slaves,1") && text.includes("num-other-sentinels,1");
      });
    }
    const [, address] = (await ask(sentinels[0]!, "monitor").call(
      "SENTINEL",
      "GET-MASTER-ADDR-BY-NAME",
      MASTER_NAME,
    )) as string[];
    expect(address).to.equal(String(port));

    await primary.kill("SIGKILL");
    await eventually(
      "the replica is promoted",
      async () => ((await ask(replica, "monitor").role()) as string[])[0] === "master",
      30_000,
    );
    expect(await ask(replica, "app").set("session:after", "x")).to.equal("OK");
  });

  it("keep everything but questions from clients of the Sentinels", async () => {
    const [, , sentinel] = servers;
    const discovery = ask(sentinel!, "discovery");
    for (const command of [
      ["SENTINEL", "FAILOVER", MASTER_NAME],
      ["SENTINEL", "SET", MASTER_NAME, "quorum", "1"],
      ["SENTINEL", "REMOVE", MASTER_NAME],
      ["SENTINEL", "CONFIG", "GET", "*"],
      ["SHUTDOWN"],
      ["ACL", "LIST"],
      ["PUBLISH", "__sentinel__:hello", "x"],
    ] as const) {
      const [name, ...args] = command;
      const outcome = await discovery.call(name, ...args).catch((error: unknown) => String(error));
      expect(outcome, command.join(" ")).to.contain("NOPERM");
    }
  });
});
