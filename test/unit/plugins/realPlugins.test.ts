import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { findRealPlugins, SDK_VERSIONS } from "../../../local/plugins/realPlugins.ts";

describe("real plugins", () => {
  let root: string;

  const install = async (directory: string, name: string, mode = 0o755): Promise<string> => {
    await mkdir(join(root, directory), { recursive: true });
    const path = join(root, directory, `pulumi-resource-${name}`);
    await writeFile(path, "#!/bin/sh\n", { mode });
    return path;
  };
  const find = async (...path: string[]) => {
    const env = {
      PATH: path.map((part) => join(root, part)).join(delimiter),
      PULUMI_HOME: join(root, "home"),
    };
    return Object.fromEntries(await findRealPlugins(env));
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sessiondb-real-"));
  });
  afterEach(async () => rm(root, { recursive: true }));

  it("are found on PATH, where stand-ins do not count", async () => {
    await install("standins", "kubernetes");
    await writeFile(join(root, "standins", ".sessiondb-stand-in"), "");
    const real = await install("bin", "random");
    await install("bin", "docker-build", 0o644);
    expect(await find("standins", "bin")).to.deep.equal({ random: real });
  });

  it("are found in the plugin cache in the SDK's version, completely installed", async () => {
    const version = SDK_VERSIONS.kubernetes;
    const real = await install(`home/plugins/resource-kubernetes-v${version}`, "kubernetes");
    await install("home/plugins/resource-random-v0.0.1", "random");
    expect(await find("nothing")).to.deep.equal({ kubernetes: real });
    await writeFile(join(root, "home", "plugins", `resource-kubernetes-v${version}.partial`), "");
    expect(await find("nothing")).to.deep.equal({});
  });

  it("are absent on a machine without any", async () => {
    expect(await find()).to.deep.equal({});
  });
});
