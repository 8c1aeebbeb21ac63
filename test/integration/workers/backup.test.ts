import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { expect } from "chai";
import { LOCK_FILE } from "../../../workers/backup/directoryLock.ts";
import { SnapshotError } from "../../../workers/backup/errors/snapshotError.ts";
import { SourceError } from "../../../workers/backup/errors/sourceError.ts";
import {
  DATA_SUFFIX,
  MANIFEST_SUFFIX,
  parseManifest,
  type Manifest,
} from "../../../workers/backup/manifest.ts";
import { readBackupSettings } from "../../../workers/backup/options.ts";
import { ReplicaLink } from "../../../workers/backup/replicaLink.ts";
import { runBackup } from "../../../workers/backup/run.ts";
import { AccessError } from "../../../workers/shared/errors/accessError.ts";
import { ConnectionError } from "../../../workers/shared/errors/connectionError.ts";
import { DeadlineError } from "../../../workers/shared/errors/deadlineError.ts";
import { LockHeldError } from "../../../workers/shared/errors/lockHeldError.ts";
import type { Binding } from "../../../workers/shared/binding.ts";
import type { WorkerResult } from "../../../workers/shared/runWorker.ts";
import { assertNoRedisLeft, eventually, startRedis, type RedisServer } from "../../helpers/redis.ts";
import { bindingOf, fill, PASSWORD, silent, startWithAccounts, tester } from "./support.ts";

const DAY_MS = 24 * 3_600_000;

describe("backup of a standalone server", function () {
  let server: RedisServer;
  let home: string;
  let directory: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "sessiondb-backup-"));
    server = await startWithAccounts();
    await fill(server, { 0: 3_000, 1: 500, 7: 20 });
  });

  after(async () => {
    await server.stop();
    await rm(home, { recursive: true });
    await assertNoRedisLeft();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(home, "volume-"));
  });

  async function backup(
    options: {
      env?: Record<string, string>;
      argv?: string[];
      now?: Date;
      binding?: Binding;
      signal?: AbortSignal;
    } = {},
  ): Promise<WorkerResult> {
    const now = options.now;
    return runBackup({
      settings: readBackupSettings(options.argv ?? [], { BACKUP_DIRECTORY: directory, ...options.env }),
      binding: options.binding ?? bindingOf(server, "backup"),
      logger: silent,
      signal: options.signal ?? new AbortController().signal,
      ...(now ? { now: () => now } : {}),
    });
  }

  async function manifests(): Promise<Manifest[]> {
    const files = (await readdir(directory)).filter((file) => file.endsWith(MANIFEST_SUFFIX)).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(directory, file), "utf8")));
    return texts.map((text) => parseManifest(text)!);
  }

  it("loads into an empty server with equal counts in every database", async () => {
    const { exitCode, summary } = await backup();
    expect(exitCode).to.equal(0);
    const [manifest] = await manifests();
    expect(summary.backup).to.equal(manifest!.name);
    expect(manifest!.databases).to.deep.equal([
      { index: 0, keys: 3_000, expiring: 1_500 },
      { index: 1, keys: 500, expiring: 250 },
      { index: 7, keys: 20, expiring: 10 },
    ]);

    const stored = await readFile(join(directory, manifest!.file));
    expect(stored).to.have.length(manifest!.stored.bytes);
    expect(createHash("sha256").update(stored).digest("hex")).to.equal(manifest!.stored.sha256);
    const raw = zstdDecompressSync(stored);
    expect(raw).to.have.length(manifest!.raw.bytes);
    expect(createHash("sha256").update(raw).digest("hex")).to.equal(manifest!.raw.sha256);

    const dataDir = join(directory, "restored");
    await mkdir(dataDir);
    await writeFile(join(dataDir, "dump.rdb"), raw);
    const restored = await startRedis({ dataDir });
    try {
      const keyspace = await restored.client().info("keyspace");
      expect(keyspace).to.match(/db0:keys=3000,expires=1500/);
      expect(keyspace).to.match(/db1:keys=500,expires=250/);
      expect(keyspace).to.match(/db7:keys=20,expires=10/);
      expect(await restored.client().get("key:42")).to.equal(await tester(server).get("key:42"));
    } finally {
      await restored.stop();
    }
  });

  it("understands a snapshot that is sent with its length", async () => {
    await tester(server).config("SET", "repl-diskless-sync", "no");
    try {
      expect((await backup()).exitCode).to.equal(0);
      expect((await manifests())[0]!.raw.crc64).to.match(/^[0-9a-f]{16}$/);
    } finally {
      await tester(server).config("SET", "repl-diskless-sync", "yes");
    }
  });

  it("never counts as a replica: not for WAIT, not for min-replicas-to-write", async () => {
    const redis = tester(server);
    await redis.config("SET", "min-replicas-to-write", "1");
    const link = await ReplicaLink.open({
      address: { host: "127.0.0.1", port: server.port },
      credentials: bindingOf(server, "backup"),
      signal: new AbortController().signal,
    });
    try {
      await link.begin();
      const refused = await redis.set("x", "1").catch((error: unknown) => String(error));
      expect(refused).to.contain("NOREPLICAS");
      await redis.config("SET", "min-replicas-to-write", "0");
      await redis.set("x", "1");
      expect(await redis.wait(1, 50)).to.equal(0);
      for await (const piece of link.snapshot()) expect(piece.length).to.be.greaterThan(0);
      expect(await redis.wait(1, 50)).to.equal(0);
      await eventually("the server tells how it took the link", () =>
        server.log().includes("rdb only replica"),
      );
    } finally {
      link.close();
      await redis.config("SET", "min-replicas-to-write", "0");
      await redis.del("x");
    }
  });

  it("prunes what is past retention, keeps the configured number, and leaves foreign files", async () => {
    await writeFile(join(directory, "notes.txt"), "not ours");
    const start = Date.now();
    for (let day = 0; day < 5; day += 1) await backup({ now: new Date(start + day * DAY_MS) });
    expect(await manifests()).to.have.length(5);
    const { summary } = await backup({
      now: new Date(start + 11 * DAY_MS),
      env: { BACKUP_RETENTION_DAYS: "7", BACKUP_KEEP_AT_LEAST: "2" },
    });
    expect(summary.pruned).to.have.length(4);
    expect(await manifests()).to.have.length(2);
    const late = await backup({
      now: new Date(start + 40 * DAY_MS),
      env: { BACKUP_RETENTION_DAYS: "7", BACKUP_KEEP_AT_LEAST: "3" },
    });
    expect(late.summary.pruned).to.have.length(0);
    expect((await readdir(directory)).filter((file) => file.endsWith(DATA_SUFFIX))).to.have.length(3);
    expect(await readFile(join(directory, "notes.txt"), "utf8")).to.equal("not ours");
  });

  it("in a dry run connects and reports, and writes nothing", async () => {
    await backup({ now: new Date(Date.now() - 30 * DAY_MS) });
    const before = await readdir(directory);
    const { exitCode, summary } = await backup({ argv: ["--dry-run"], env: { BACKUP_KEEP_AT_LEAST: "1" } });
    expect(exitCode).to.equal(0);
    expect(summary.wouldPrune).to.have.length(1);
    expect(summary.databases).to.have.length(3);
    expect(await readdir(directory)).to.deep.equal(before);
  });

  it("leaves nothing behind and prunes nothing when the password is wrong", async () => {
    const old = await backup({ now: new Date(Date.now() - 30 * DAY_MS) });
    const binding = { ...bindingOf(server, "backup"), password: "wrong" };
    const error = await backup({ binding, env: { BACKUP_KEEP_AT_LEAST: "1" } }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(AccessError);
    expect(String(error)).not.to.contain("wrong-");
    expect((await manifests()).map(({ name }) => name)).to.deep.equal([old.summary.backup]);
    expect(await readdir(directory)).to.have.length(2);
  });

  it("refuses an account that may not replicate", async () => {
    const error = await backup({ binding: bindingOf(server, "cleanup") }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(AccessError);
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it("leaves no backup when the server dies midway", async () => {
    const victim = await startWithAccounts();
    await fill(victim, { 0: 20_000 });
    // One key per 500 microseconds: the snapshot takes ten seconds, so that there is a middle.
    await tester(victim).config("SET", "rdb-key-save-delay", "500");
    const running = backup({ binding: bindingOf(victim, "backup") }).catch((reason: unknown) => reason);
    await eventually("the backup is being written", async () =>
      (await readdir(directory)).some((file) => file.endsWith(".partial")),
    );
    await victim.kill("SIGKILL");
    const error = await running;
    expect(error).to.satisfy((it: unknown) => it instanceof SnapshotError || it instanceof ConnectionError);
    expect(await readdir(directory)).to.deep.equal([]);
    await victim.stop();
  });

  it("gives up when the time is over, and on a stop signal", async () => {
    const slow = await startWithAccounts();
    await fill(slow, { 0: 20_000 });
    await tester(slow).config("SET", "rdb-key-save-delay", "500");
    const binding = bindingOf(slow, "backup");
    const late = await backup({ binding, env: { BACKUP_TIMEOUT_SECONDS: "1" } }).catch(
      (reason: unknown) => reason,
    );
    expect(late).to.be.instanceOf(DeadlineError);
    expect(String(late)).to.contain("BACKUP_TIMEOUT_SECONDS");
    const stop = new AbortController();
    const stopped = backup({ binding, signal: stop.signal }).catch((reason: unknown) => reason);
    await eventually("the backup is being written", async () =>
      (await readdir(directory)).some((file) => file.endsWith(".partial")),
    );
    stop.abort(new Error("stopped"));
    expect(String(await stopped)).to.contain("stopped");
    expect(await readdir(directory)).to.deep.equal([]);
    await slow.stop();
  });

  it("waits for nobody: a second run at the same time leaves at once", async () => {
    const results = await Promise.allSettled([backup(), backup()]);
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).to.have.length(1);
    expect(refused[0]!.reason).to.be.instanceOf(LockHeldError);
    expect(await manifests()).to.have.length(1);
  });

  it("takes over the lock of a killed run and clears away what it left", async () => {
    const name = "backup-20240101T000000Z-0123abcd";
    const old = new Date(Date.now() - DAY_MS);
    for (const file of [LOCK_FILE, `${name}${DATA_SUFFIX}.partial`, `${name}${DATA_SUFFIX}`]) {
      await writeFile(join(directory, file), "{}");
      await utimes(join(directory, file), old, old);
    }
    const { summary } = await backup();
    expect(summary.leftoversRemoved).to.equal(2);
    const files = await readdir(directory);
    expect(files).to.have.length(2);
    expect(files.every((file) => file.startsWith(String(summary.backup)))).to.equal(true);
  });

  it("notices that the node was promoted", async () => {
    const primary = await startWithAccounts();
    const replica = await startWithAccounts({
      config: [
        `replicaof 127.0.0.1 ${primary.port}`,
        "masteruser replication",
        `masterauth ${PASSWORD}`,
        "rdb-key-save-delay 500",
      ],
    });
    await fill(primary, { 0: 20_000 });
    await eventually("the replica has it all", async () => (await tester(replica).dbsize()) === 20_000);
    const running = backup({ binding: bindingOf(replica, "backup") }).catch((reason: unknown) => reason);
    await eventually("the backup is being written", async () =>
      (await readdir(directory)).some((file) => file.endsWith(".partial")),
    );
    await tester(replica).replicaof("NO", "ONE");
    const error = await running;
    expect(error).to.satisfy((it: unknown) => it instanceof SourceError || it instanceof SnapshotError);
    expect(await readdir(directory)).to.deep.equal([]);
    await replica.stop();
    await primary.stop();
  });
});
