import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as dockerBuild from "@pulumi/docker-build";
import { expect } from "chai";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { changes, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";

const PASSWORD = "registry-password-in-plain-text";

/** What one call of the fake builder saw. */
interface Call {
  readonly args: readonly string[];
  readonly dockerConfig: string;
  readonly dockerConfigMode: string;
}

/** A buildctl that records how it was called and reports a digest that follows from its arguments. */
const FAKE_BUILDCTL = `#!${process.execPath}
const fs = require("node:fs");
const crypto = require("node:crypto");
const args = process.argv.slice(2);
const config = process.env.DOCKER_CONFIG ?? "";
const number = fs.readdirSync(process.env.CALLS).length;
fs.writeFileSync(process.env.CALLS + "/" + number + ".json", JSON.stringify({
  args,
  dockerConfig: config === "" ? "" : fs.readFileSync(config + "/config.json", "utf8"),
  dockerConfigMode: config === "" ? "" : (fs.statSync(config).mode & 0o777).toString(8),
}));
const file = args.find((arg) => arg.startsWith("--metadata-file=")).slice("--metadata-file=".length);
const digest = "sha256:" + crypto.createHash("sha256").update(String(number)).digest("hex");
fs.writeFileSync(file, JSON.stringify({ "containerimage.digest": digest }));
`;

describe("the docker-build stand-in", function () {
  this.timeout(60_000);
  let engine: Engine;
  let context: string;
  let calls: string;

  const stackFor = async (args: Partial<dockerBuild.ImageArgs> = {}): Promise<Stack> =>
    engine.withProgram(() => {
      const image = new dockerBuild.Image("worker", {
        tags: ["registry.example/workers:1"],
        context: { location: context },
        push: true,
        registries: [{ address: "registry.example", username: "ci", password: PASSWORD }],
        ...args,
      });
      return Promise.resolve({ ref: image.ref, digest: image.digest });
    });
  const recordedCalls = async (): Promise<Call[]> =>
    Promise.all(
      (await readdir(calls))
        .sort()
        .map(async (name) => JSON.parse(await readFile(join(calls, name), "utf8")) as Call),
    );

  before(async () => {
    engine = await makeEngine();
    [context, calls] = [join(engine.directory, "context"), join(engine.directory, "calls")];
    await Promise.all([mkdir(context), mkdir(calls)]);
    await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY app /\n");
    await writeFile(join(context, "app"), "1");
    const buildctl = join(engine.directory, "buildctl");
    await writeFile(buildctl, FAKE_BUILDCTL, { mode: 0o755 });
    Object.assign(engine.env, {
      CALLS: calls,
      SESSIONDB_BUILDCTL: buildctl,
      SESSIONDB_BUILDKIT_ADDR: "unix:///run/fake.sock",
    });
  });
  after(async () => engine.dispose());

  it("builds nothing in a preview", async () => {
    expect((await (await stackFor()).preview()).changeSummary).to.deep.equal({ create: 2 });
    expect(await recordedCalls()).to.deep.equal([]);
  });

  it("builds once and reports a reference pinned by digest", async () => {
    const stack = await stackFor();
    const { outputs } = await stack.up();
    expect(outputs.ref?.value).to.match(/^registry\.example\/workers:1@sha256:[0-9a-f]{64}$/);
    expect(outputs.ref?.value).to.include(outputs.digest?.value);
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({});
    expect(await recordedCalls()).to.have.length(1);
  });

  it("hands the password over in a private directory, and to nothing else", async () => {
    const [call] = await recordedCalls();
    const login = Buffer.from(`ci:${PASSWORD}`).toString("base64");
    expect(JSON.parse(call?.dockerConfig ?? "{}")).to.have.nested.property(
      "auths.registry\\.example.auth",
      login,
    );
    expect(call?.dockerConfigMode).to.equal("700");
    expect(call?.args.join(" ")).not.to.include(PASSWORD).and.not.include(login);
    const state = await engine.stateText();
    expect(state).to.include("registry.example/workers:1").and.not.include(PASSWORD);
  });

  it("builds again when a file of the context changes", async () => {
    const before = await (await stackFor()).up();
    await writeFile(join(context, "app"), "2");
    const after = await (await stackFor()).up();
    expect(changes(after.summary.resourceChanges)).to.deep.equal({ update: 1 });
    expect(after.outputs.digest?.value).not.to.equal(before.outputs.digest?.value);
  });

  it("does not build again for a renewed password", async () => {
    const registries = [{ address: "registry.example", username: "ci", password: `${PASSWORD}-renewed` }];
    const { summary } = await (await stackFor({ registries })).up();
    expect(changes(summary.resourceChanges)).to.deep.equal({});
  });

  it("says what is missing when no builder is configured", async () => {
    const without = await makeEngine();
    try {
      const stack = await without.withProgram(() => {
        new dockerBuild.Image("worker", { tags: ["a:1"], context: { location: context }, push: false });
        return Promise.resolve();
      });
      const failure = await stack.up().then(
        () => "",
        (error: unknown) => String(error),
      );
      expect(failure).to.include("SESSIONDB_BUILDCTL").and.include("./sessiondb up");
    } finally {
      await without.dispose();
    }
  });
});
