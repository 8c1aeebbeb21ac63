import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { bundlePlugins } from "../../../local/plugins/bundle.ts";

describe("bundling the stand-ins", function () {
  this.timeout(60_000);
  let out: string;

  before(async () => {
    out = await mkdtemp(join(tmpdir(), "sessiondb-bundle-"));
  });
  after(async () => rm(out, { recursive: true }));

  it("makes executables once, also when two runs start together", async () => {
    const [first, second] = await Promise.all([bundlePlugins(out), bundlePlugins(out)]);
    expect(first).to.deep.equal(second);
    expect(first.plugins).to.deep.equal(["kubernetes", "random", "docker-build"]);
    expect(await readdir(out)).to.have.length(1);
    const before = await stat(join(first.dir, "random.cjs"));
    const third = await bundlePlugins(out);
    expect((await stat(join(third.dir, "random.cjs"))).mtimeMs).to.equal(before.mtimeMs);
  });

  it("runs them with this node, whatever PATH says, and they say where they listen", async () => {
    const { dir } = await bundlePlugins(out);
    for (const name of ["kubernetes", "random", "docker-build"]) {
      const plugin = spawn(join(dir, `pulumi-resource-${name}`), [], {
        env: { PATH: "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(plugin.stdout, "data")) as [Buffer];
      expect(line.toString(), name).to.match(/^\d+\n$/);
      plugin.kill("SIGINT");
      await once(plugin, "exit");
    }
  });

  it("leaves out what has a real plugin", async () => {
    const { dir, plugins } = await bundlePlugins(out, ["random"]);
    expect(plugins).to.deep.equal(["random"]);
    expect((await readdir(dir)).sort()).to.deep.equal([
      ".sessiondb-stand-in",
      "pulumi-resource-random",
      "random.cjs",
    ]);
  });

  it("quotes paths for the shell", async () => {
    const { dir } = await bundlePlugins(join(out, "it's a dir"), ["random"]);
    const syntax = () => execFileSync("sh", ["-n", join(dir, "pulumi-resource-random")]);
    expect(syntax).not.to.throw();
  });
});
