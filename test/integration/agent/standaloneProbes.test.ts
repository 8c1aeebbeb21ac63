import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startRedis, type RedisServer } from "../../helpers/redis.ts";

const SCRIPTS = join(import.meta.dirname, "../../../components/redis/scripts");
const ACL = "user default off\nuser monitor on >secret -@all +ping +info\nuser admin on >root ~* &* +@all\n";

for (const shell of [["dash"], ["busybox", "sh"]] as const) {
  describe(`the probes of a single Redis under ${shell.join(" ")}`, function () {
    let home: string;
    let server: RedisServer;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), "sessiondb-probes-"));
      await mkdir(join(home, "monitor"));
      await writeFile(join(home, "monitor", "username"), "monitor");
      await setPassword("secret");
    });
    beforeEach(async () => {
      server = await startRedis({ aclFile: ACL });
    });
    afterEach(() => server.stop());
    after(() => rm(home, { recursive: true, force: true }));

    function setPassword(password: string): Promise<void> {
      return writeFile(join(home, "monitor", "password"), password);
    }

    async function probe(script: string): Promise<number> {
      const [command, ...rest] = shell;
      const env = {
        PATH: process.env.PATH,
        SESSIONDB_ACCOUNTS: home,
        SESSIONDB_RUN: home,
        SESSIONDB_PORT: String(server.port),
      };
      const child = spawn(command, [...rest, join(SCRIPTS, script)], { env, stdio: "ignore" });
      const [code] = (await once(child, "exit")) as [number];
      return code;
    }

    const admin = { username: "admin", password: "root" };

    it("find it ready and alive", async () => {
      expect(await probe("ready.sh")).to.equal(0);
      expect(await probe("live.sh")).to.equal(0);
    });

    it("find a replica without its primary alive but not ready, also when it refuses to answer from old data", async () => {
      const client = server.client(admin);
      await client.config("SET", "replica-serve-stale-data", "no");
      await client.replicaof("127.0.0.1", 1);
      expect(await probe("ready.sh")).to.equal(1);
      expect(await probe("live.sh")).to.equal(0);
    });

    it("find it alive but not ready while a script keeps it busy", async () => {
      const client = server.client(admin);
      await client.config("SET", "busy-reply-threshold", 1);
      // Connected before, for connecting to a busy server fails.
      const other = server.client(admin);
      await other.ping();
      const script = client.eval("while true do end", 0).catch(() => undefined);
      await untilBusy(other);
      expect(await probe("ready.sh")).to.equal(1);
      expect(await probe("live.sh")).to.equal(0);
      await other.script("KILL");
      await script;
    });

    it("find it alive with a password that is not in force any more", async () => {
      await setPassword("rotated");
      expect(await probe("live.sh")).to.equal(0);
      expect(await probe("ready.sh")).to.equal(1);
      await setPassword("secret");
    });

    it("find neither once it is gone", async () => {
      await server.stop();
      expect(await probe("ready.sh")).to.equal(1);
      expect(await probe("live.sh")).to.equal(1);
    });

    async function untilBusy(client: ReturnType<RedisServer["client"]>): Promise<void> {
      for (let busy = false; !busy;) {
        busy = await client.ping().then(
          () => false,
          (error: unknown) => String(error).includes("BUSY"),
        );
      }
    }
  });
}
