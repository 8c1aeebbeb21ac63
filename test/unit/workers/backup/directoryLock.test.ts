import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { expect } from "chai";
import { LOCK_FILE, lockDirectory } from "../../../../workers/backup/directoryLock.ts";
import { StorageError } from "../../../../workers/backup/errors/storageError.ts";
import { LockHeldError } from "../../../../workers/shared/errors/lockHeldError.ts";
import { LockLostError } from "../../../../workers/shared/errors/lockLostError.ts";

describe("lockDirectory", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-lock-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function makeStale(content: string): Promise<void> {
    await writeFile(join(directory, LOCK_FILE), content);
    const old = new Date(Date.now() - 3_600_000);
    await utimes(join(directory, LOCK_FILE), old, old);
  }

  it("lets one in at a time and leaves nothing behind", async () => {
    const lock = await lockDirectory(directory);
    expect(await lockDirectory(directory).catch((error: unknown) => error)).to.be.instanceOf(LockHeldError);
    expect(await readdir(directory)).to.deep.equal([LOCK_FILE]);
    await lock.release();
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it("takes over a lock without sign of life, whatever is in it", async () => {
    for (const content of ["", "{", JSON.stringify({ token: "dead" })]) {
      await makeStale(content);
      const lock = await lockDirectory(directory);
      await lock.release();
      expect(await readdir(directory)).to.deep.equal([]);
    }
  });

  it("lets only one of many take over a stale lock", async () => {
    await makeStale(JSON.stringify({ token: "dead" }));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
    const winners = results.filter((result) => result.status === "fulfilled");
    expect(winners).to.have.length(1);
    await winners[0]!.value.release();
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it("notices that it was taken over, and then leaves the other's lock alone", async () => {
    const lock = await lockDirectory(directory, { heartbeatMs: 5 });
    const lost = once(lock.lost, "abort");
    await writeFile(join(directory, LOCK_FILE), JSON.stringify({ token: "other" }));
    await lost;
    expect(lock.lost.reason).to.be.instanceOf(LockLostError);
    await lock.release();
    expect(await readFile(join(directory, LOCK_FILE), "utf8")).to.contain("other");
  });

  it("says that a directory is missing", async () => {
    const error = await lockDirectory(join(directory, "none")).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(StorageError);
  });
});
