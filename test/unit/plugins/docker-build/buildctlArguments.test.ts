import { expect } from "chai";
import { buildctlArguments } from "../../../../local/plugins/docker-build/buildctlArguments.ts";
import type { BuildFiles } from "../../../../local/plugins/docker-build/buildctlArguments.ts";
import { imageInputs } from "../../../../local/plugins/docker-build/imageInputs.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";

const BUILDER = { buildctl: "/opt/buildctl", address: "unix:///run/b.sock" };

function argumentsFor(inputs: JsonObject, files: Partial<BuildFiles> = {}): string[] {
  const all = {
    metadataFile: "/tmp/m.json",
    secretFiles: [],
    layoutDigests: new Map<string, string>(),
    ...files,
  };
  return buildctlArguments(BUILDER, imageInputs(inputs), all);
}

/** Values of a repeated flag. */
function values(args: readonly string[], flag: string): string[] {
  return args.filter((_, index) => args[index - 1] === flag);
}

describe("buildctl's arguments", () => {
  it("name the daemon, the frontend and the contexts", () => {
    const args = argumentsFor({ context: { location: "workers" }, tags: ["a:1"] });
    expect(args.slice(0, 5)).to.deep.equal([
      "--addr",
      "unix:///run/b.sock",
      "build",
      "--progress=plain",
      "--frontend=dockerfile.v0",
    ]);
    expect(values(args, "--local")).to.deep.equal(["context=workers", "dockerfile=workers"]);
    expect(values(args, "--opt")).to.deep.equal(["filename=Dockerfile"]);
  });

  it("carry build arguments, labels, target, platforms and cache rules", () => {
    const args = argumentsFor({
      tags: ["a:1"],
      buildArgs: { VERSION: "1" },
      labels: { owner: "me" },
      target: "run",
      platforms: ["linux/amd64", "linux/arm64"],
      pull: true,
      noCache: true,
      cacheFrom: [{ local: { src: "c" } }, { registry: { ref: "r" } }],
      cacheTo: [{ local: { dest: "c", mode: "max" } }, { inline: {} }, { disabled: true, raw: "x" }],
    });
    expect(values(args, "--opt")).to.deep.equal([
      "filename=Dockerfile",
      "target=run",
      "platform=linux/amd64,linux/arm64",
      "build-arg:VERSION=1",
      "label:owner=me",
      "image-resolve-mode=pull",
    ]);
    expect(args).to.include("--no-cache");
    expect(values(args, "--import-cache")).to.deep.equal(["type=local,src=c", "type=registry,ref=r"]);
    expect(values(args, "--export-cache")).to.deep.equal(["type=local,dest=c,mode=max", "type=inline"]);
  });

  it("use the directory of a Dockerfile that lies elsewhere", () => {
    const args = argumentsFor({
      context: { location: "." },
      dockerfile: { location: "deploy/Worker.dockerfile" },
    });
    expect(values(args, "--local")).to.deep.equal(["context=.", "dockerfile=deploy"]);
    expect(values(args, "--opt")).to.deep.equal(["filename=Worker.dockerfile"]);
  });

  it("translate each kind of named context", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const named = {
      "docker.io/library/node:24": { location: "oci-layout:///images/node:24" },
      assets: { location: "./assets" },
      base: { location: "docker-image://alpine:3" },
    };
    const args = argumentsFor(
      { context: { location: ".", named } },
      { layoutDigests: new Map([["docker.io/library/node:24", digest]]) },
    );
    expect(values(args, "--oci-layout")).to.deep.equal(["named0=/images/node"]);
    expect(values(args, "--local")).to.include("named1=./assets");
    expect(values(args, "--opt")).to.include.members([
      `context:node:24=oci-layout://named0@${digest}`,
      "context:assets=local:named1",
      "context:base=docker-image://alpine:3",
    ]);
  });

  it("push under full names, or store where a pod finds the image by tag and by digest", () => {
    const tags = ["workers:1", "registry.example:5000/x/workers:2"];
    const names = '"name=docker.io/library/workers:1,registry.example:5000/x/workers:2"';
    expect(values(argumentsFor({ tags, push: true }), "--output")).to.deep.equal([
      `type=image,${names},push=true`,
    ]);
    const stored = [`type=image,${names},dangling-name-prefix=docker.io/library/workers`];
    expect(values(argumentsFor({ tags, load: true }), "--output")).to.deep.equal(stored);
    expect(values(argumentsFor({ tags, exports: [{ image: {} }] }), "--output")).to.deep.equal(stored);
    expect(values(argumentsFor({ tags, exports: [{ cacheonly: {} }] }), "--output")).to.deep.equal([]);
  });

  it("never hold a password or a build secret", () => {
    const password = "hunter2";
    const args = argumentsFor(
      {
        tags: ["a:1"],
        push: true,
        registries: [{ address: "r", username: "u", password }],
        secrets: { token: password },
      },
      { secretFiles: [["token", "/private/secret0"]] },
    );
    expect(args.join("\n"))
      .not.to.include(password)
      .and.not.include(Buffer.from(`u:${password}`).toString("base64"));
    expect(values(args, "--secret")).to.deep.equal(["id=token,src=/private/secret0"]);
  });

  it("are not made for settings that would be ignored", () => {
    expect(() => argumentsFor({ addHosts: ["a:1.2.3.4"] })).to.throw(/"addHosts" is not supported/);
    expect(() => argumentsFor({ exports: [{ tar: { dest: "x" } }] })).to.throw(
      /"exports.tar" is not supported/,
    );
    expect(() => argumentsFor({ cacheFrom: [{ gha: {} }] })).to.throw(/"cacheFrom" is not supported/);
    expect(() => argumentsFor({ network: "default", addHosts: [] })).not.to.throw();
  });
});
