import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";

const SCRIPTS = join(import.meta.dirname, "..", "..", "components", "redis", "scripts");

describe("the probes", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "probes-"));
    await mkdir(join(directory, "accounts", "monitor"), { recursive: true });
    for (const file of ["username", "password"])
      await writeFile(join(directory, "accounts", "monitor", file), "monitor");
  });
  after(() => rm(directory, { recursive: true }));

  /** Exit code of a probe while redis-cli says this to PING, and describes a primary to INFO. */
  const probe = async (script: string, pong: string): Promise<number | undefined> => {
    const cli = join(directory, "redis-cli");
    await writeFile(
      cli,
      `#!/bin/sh\ncase "$*" in *ping*) printf '%s\\n' "${pong}" ;; *) echo role:master ;; esac\n`,
    );
    await chmod(cli, 0o755);
    const result = await execa("sh", [join(SCRIPTS, script)], {
      env: {
        PATH: `${directory}:${process.env.PATH ?? ""}`,
        SESSIONDB_ACCOUNTS: join(directory, "accounts"),
        SESSIONDB_RUN: directory,
      },
      reject: false,
    });
    return result.exitCode;
  };

  const MISCONF = "MISCONF Errors writing to the AOF file: No space left on device";
  const CROWDED = "AUTH failed: ERR max number of clients reached";
  const GONE = "Could not connect to Redis at 127.0.0.1:6379: Connection refused";

  it("call a server alive that gives any answer: restarting cures neither a full disk nor too many clients", async () => {
    for (const answer of ["PONG", "LOADING Redis is loading", MISCONF, CROWDED, "WRONGPASS invalid"]) {
      expect(await probe("live.sh", answer), answer).to.equal(0);
    }
    expect(await probe("live.sh", GONE)).to.equal(1);
    expect(await probe("live.sh", "")).to.equal(1);
  });

  it("keep a server in service that can still be read, and take one out that cannot", async () => {
    expect(await probe("ready.sh", "PONG")).to.equal(0);
    expect(await probe("ready.sh", MISCONF)).to.equal(0);
    for (const answer of ["LOADING Redis is loading", CROWDED, GONE])
      expect(await probe("ready.sh", answer), answer).to.equal(1);
  });
});
