import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createKeys } from "../../../client/keys.ts";
import { SourceError } from "../../../workers/backup/errors/sourceError.ts";
import { readBackupSettings } from "../../../workers/backup/options.ts";
import { runBackup } from "../../../workers/backup/run.ts";
import { readCleanupSettings } from "../../../workers/cleanup/options.ts";
import { runCleanup } from "../../../workers/cleanup/run.ts";
import type { Binding } from "../../../workers/shared/binding.ts";
import { assertNoRedisLeft, eventually, startSentinel, type RedisServer } from "../../helpers/redis.ts";
import { bindingOf, DISCOVERY_RULES, fill, PASSWORD, silent, startWithAccounts, tester } from "./support.ts";

const keys = createKeys();

describe("workers in sentinel mode", function () {
  let primary: RedisServer;
  let replica: RedisServer;
  let sentinel: RedisServer;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "sessiondb-backup-"));
    primary = await startWithAccounts();
    replica = await startWithAccounts({
      config: [`replicaof 127.0.0.1 ${primary.port}`, "masteruser replication", `masterauth ${PASSWORD}`],
    });
    await fill(primary, { 0: 1_000, 1: 100 });
    await eventually("the replica has it all", async () => (await tester(replica).dbsize()) === 1_000);
    sentinel = await startSentinel({
      config: [
        `sentinel monitor sessiondb 127.0.0.1 ${primary.port} 1`,
        "sentinel auth-user sessiondb tester",
        `sentinel auth-pass sessiondb ${PASSWORD}`,
        "sentinel down-after-milliseconds sessiondb 1000",
      ],
      aclFile: `user default off\nuser tester on >${PASSWORD} ~* &* +@all\nuser discovery on >${PASSWORD} ${DISCOVERY_RULES}\n`,
    });
    await waitForHealthyReplica();
  });

  after(async () => {
    for (const server of [sentinel, replica, primary]) await server.stop();
    await rm(home, { recursive: true });
    await assertNoRedisLeft();
  });

  async function waitForHealthyReplica(): Promise<void> {
    await eventually("the Sentinel takes the replica for healthy", async () => {
      const reply = JSON.stringify(await tester(sentinel).call("SENTINEL", "REPLICAS", "sessiondb"));
      return reply.includes('"flags","slave"') && reply.includes('"master-link-status","ok"');
    });
  }

  function binding(username: "cleanup" | "backup"): Binding {
    return {
      ...bindingOf(primary, username),
      host: "unused.invalid",
      sentinel: {
        masterName: "sessiondb",
        // The first one is down: the next has to do.
        addresses: [
          { host: "127.0.0.1", port: 1 },
          { host: "127.0.0.1", port: sentinel.port },
        ],
        username: "discovery",
        password: PASSWORD,
      },
    };
  }

  async function backup(directory: string) {
    await mkdir(directory, { recursive: true });
    return runBackup({
      settings: readBackupSettings([], { BACKUP_DIRECTORY: directory }),
      binding: binding("backup"),
      logger: silent,
      signal: new AbortController().signal,
    });
  }

  it("takes the backup from the replica and leaves the primary alone", async () => {
    const full = async (): Promise<string> =>
      /sync_full:(\d+)/.exec(await tester(primary).info("stats"))?.[1] ?? "";
    const before = await full();
    const { exitCode, summary } = await backup(join(home, "replica"));
    expect(exitCode).to.equal(0);
    expect(summary.source).to.deep.equal({ host: "127.0.0.1", port: replica.port, role: "replica" });
    expect(summary.databases).to.deep.equal([
      { index: 0, keys: 1_000, expiring: 500 },
      { index: 1, keys: 100, expiring: 50 },
    ]);
    expect(await full()).to.equal(before);
  });

  it("cleans up on the primary that the Sentinels name", async () => {
    await tester(primary).zadd(keys.expirations("session"), 1, "gone");
    const { exitCode, summary } = await runCleanup({
      settings: readCleanupSettings(["sessions"], {}),
      binding: binding("cleanup"),
      logger: silent,
      signal: new AbortController().signal,
    });
    expect(exitCode).to.equal(0);
    expect(summary.removed).to.deep.include({ expirations: 1 });
    expect(await tester(primary).exists(keys.expirations("session"))).to.equal(0);
  });

  it("refuses rather than fall back on the primary when no replica is healthy", async () => {
    await replica.kill("SIGSTOP");
    try {
      await eventually("the Sentinel notices", async () =>
        JSON.stringify(await tester(sentinel).call("SENTINEL", "REPLICAS", "sessiondb")).includes("s_down"),
      );
      const error = await backup(join(home, "refused")).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(SourceError);
      expect(String(error)).to.contain(String(replica.port));
      expect(await readdir(join(home, "refused"))).to.deep.equal([]);
    } finally {
      await replica.kill("SIGCONT");
    }
  });
});
