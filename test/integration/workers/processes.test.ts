import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createKeys, FIELDS } from "../../../client/keys.ts";
import { bundleWorkers } from "../../../workers/bundle.ts";
import { assertNoRedisLeft, eventually, type RedisServer } from "../../helpers/redis.ts";
import { bindingOf, fill, PASSWORD, startWithAccounts, tester } from "./support.ts";

const keys = createKeys();

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the bundled workers as processes", function () {
  let server: RedisServer;
  let home: string;
  let app: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "sessiondb-workers-"));
    // Outside the checkout: nothing can be resolved from a node_modules folder by accident.
    app = bundleWorkers(join(home, "app")).directory;
    server = await startWithAccounts();
    await bind("cleanup");
    await bind("backup");
  });

  after(async () => {
    await server.stop();
    await rm(home, { recursive: true });
    await assertNoRedisLeft();
  });

  beforeEach(async () => {
    await tester(server).flushall();
  });

  async function bind(account: "cleanup" | "backup"): Promise<void> {
    const { host, port, username, password, database } = bindingOf(server, account);
    await mkdir(join(home, account), { recursive: true });
    const entries = { type: "redis", host, port, username, password, database };
    for (const [key, value] of Object.entries(entries))
      await writeFile(join(home, account, key), String(value));
  }

  function start(args: string[], env: Record<string, string>) {
    const child = spawn(process.execPath, [join(app, args[0]!), ...args.slice(1)], {
      cwd: home,
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended: Promise<Outcome> = once(child, "close").then(([code]) => ({
      code: code as number | null,
      stdout,
      stderr,
    }));
    return { child, ended };
  }

  it("cleanup prints one summary line to stdout, logs to stderr and shows no password", async () => {
    await tester(server).hset(keys.session("late"), { [FIELDS.idleDeadlineMs]: 1 });
    const { ended } = start(["cleanup.mjs", "sessions"], {
      SESSIONDB_BINDING: join(home, "cleanup"),
      LOG_LEVEL: "trace",
    });
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).to.equal(0);
    expect(stdout.trim().split("\n")).to.have.length(1);
    const summary = JSON.parse(stdout) as { worker: string; ok: boolean; removed: { session: number } };
    expect(summary).to.deep.include({ worker: "cleanup", ok: true });
    expect(summary.removed.session).to.equal(1);
    expect(stdout + stderr).not.to.contain(PASSWORD);
  });

  it("cleanup reports every bad setting at once and exits with 2", async () => {
    const { code, stdout } = await start(["cleanup.mjs", "everything"], {
      CLEANUP_BATCH_SIZE: "many",
      LOG_LEVEL: "loud",
    }).ended;
    expect(code).to.equal(2);
    const summary = JSON.parse(stdout) as { ok: boolean; error: { code: string; message: string } };
    expect(summary.error.code).to.equal("BAD_CONFIGURATION");
    expect(summary.error.message).to.match(/everything[^]*CLEANUP_BATCH_SIZE[^]*LOG_LEVEL/);
  });

  it("cleanup killed midway is finished by the next run once its lock has run out", async () => {
    const redis = tester(server);
    const pipeline = redis.pipeline();
    for (let at = 0; at < 30_000; at += 1) pipeline.hset(keys.session(`s${at}`), FIELDS.idleDeadlineMs, "1");
    await pipeline.exec();
    const env = { SESSIONDB_BINDING: join(home, "cleanup"), CLEANUP_BATCH_SIZE: "20" };
    const { child, ended } = start(["cleanup.mjs", "sessions"], env);
    await eventually("the run is under way", async () => (await redis.dbsize()) < 29_000);
    child.kill("SIGKILL");
    await ended;
    const left = await redis.dbsize();
    expect(left).to.be.greaterThan(10);
    expect((await start(["cleanup.mjs", "sessions"], env).ended).code).to.equal(75);
    await redis.del("sessiondb:cleanup:lock:sessions");
    const { code, stdout } = await start(["cleanup.mjs", "sessions"], env).ended;
    expect(code).to.equal(0);
    const summary = JSON.parse(stdout) as { complete: boolean; resumedFrom: string | null };
    expect(summary.complete).to.equal(true);
    expect(summary.resumedFrom).to.not.equal(null);
    expect(await redis.keys("session:*")).to.have.length(0);
  });

  it("cleanup told to stop finishes its batch, says so and exits with 3", async () => {
    const redis = tester(server);
    const pipeline = redis.pipeline();
    for (let at = 0; at < 30_000; at += 1) pipeline.hset(keys.session(`s${at}`), FIELDS.idleDeadlineMs, "1");
    await pipeline.exec();
    const { child, ended } = start(["cleanup.mjs", "sessions"], {
      SESSIONDB_BINDING: join(home, "cleanup"),
      CLEANUP_BATCH_SIZE: "20",
    });
    await eventually("the run is under way", async () => (await redis.dbsize()) < 29_000);
    child.kill("SIGTERM");
    const { code, stdout } = await ended;
    expect(code).to.equal(3);
    expect(JSON.parse(stdout)).to.deep.include({ interrupted: true, complete: false, ok: false });
    expect(await redis.exists("sessiondb:cleanup:lock:sessions")).to.equal(0);
  });

  it("backup writes a backup, and fails clearly when the volume takes no more", async () => {
    await fill(server, { 0: 5_000 });
    const directory = join(home, "volume");
    await mkdir(directory);
    const env = { SESSIONDB_BINDING: join(home, "backup"), BACKUP_DIRECTORY: directory };
    const good = await start(["backup.mjs"], env).ended;
    expect(good.code, good.stderr).to.equal(0);
    expect(await readdir(directory)).to.have.length(2);
    expect(good.stdout + good.stderr).not.to.contain(PASSWORD);

    // A limit on the size of files is what a full volume looks like to the writer, and needs no mount.
    const limited = spawn(
      "sh",
      ["-c", `ulimit -f 8; exec "$@"`, "sh", process.execPath, join(app, "backup.mjs")],
      {
        env: { PATH: process.env.PATH, ...env },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    let stdout = "";
    limited.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const [code] = (await once(limited, "close")) as [number];
    expect(code).to.equal(1);
    expect(JSON.parse(stdout))
      .to.deep.include({ ok: false })
      .and.to.have.nested.property("error.code", "STORAGE_FAILED");
    expect(await readdir(directory)).to.have.length(2);
  });
});
