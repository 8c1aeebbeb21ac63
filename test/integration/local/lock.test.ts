import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { withLock } from "../../../local/support/lock.ts";

describe("withLock", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "lock-"));
  });
  after(() => rm(directory, { recursive: true }));

  it("lets one holder in at a time", async () => {
    const file = join(directory, "one");
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(file, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    await Promise.all([enter(), enter(), enter()]);
    expect(most).to.equal(1);
  });

  it("passes results and errors on, and is free afterwards", async () => {
    const file = join(directory, "two");
    const failed = await withLock(file, () => Promise.reject(new Error("inside"))).catch(
      (error: unknown) => (error as Error).message,
    );
    expect(failed).to.equal("inside");
    expect(await withLock(file, () => Promise.resolve(42))).to.equal(42);
  });

  it("is free again after its holder was killed", async () => {
    const file = join(directory, "three");
    const script = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, "../../../local/support/lock.ts"))};
      await withLock(${JSON.stringify(file)}, () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const holder = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: join(import.meta.dirname, "../../.."),
    });
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    expect(await withLock(file, () => Promise.resolve("free"))).to.equal("free");
  });
});
