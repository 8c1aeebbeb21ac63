import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { bundleWorkers } from "../../../workers/bundle.ts";

describe("bundleWorkers", () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "sessiondb-bundle-"));
  });

  afterEach(async () => {
    await rm(home, { recursive: true });
  });

  it("makes a complete build context, the same from the same sources wherever it is put", async () => {
    const first = bundleWorkers(join(home, "a"));
    const second = bundleWorkers(join(home, "deeper", "b"));
    expect((await readdir(first.directory)).sort()).to.deep.equal([
      "Dockerfile",
      "agent.mjs",
      "backup.mjs",
      "cleanup.mjs",
    ]);
    expect(second.contentHash)
      .to.equal(first.contentHash)
      .and.to.match(/^[0-9a-f]{16}$/);
    for (const file of await readdir(first.directory)) {
      const text = await readFile(join(first.directory, file), "utf8");
      expect(text, file).not.to.contain(process.cwd());
    }
  });

  it("copies in every file that the Dockerfile asks for, and runs nothing there", async () => {
    const { directory } = bundleWorkers(join(home, "app"));
    const dockerfile = await readFile(join(directory, "Dockerfile"), "utf8");
    const files = await readdir(directory);
    const copied = /^COPY (.+) \/app\/$/m.exec(dockerfile)?.[1]?.split(" ") ?? [];
    expect(copied).to.have.length(3);
    for (const file of copied) expect(files).to.include(file);
    expect(dockerfile).not.to.match(/^RUN/m);
    expect(dockerfile).to.match(/^USER 999:999$/m);
  });
});
