import { expect } from "chai";
import {
  familiarName,
  fullReference,
  repositoryOf,
} from "../../../../local/plugins/docker-build/imageReference.ts";
import { builderFrom } from "../../../../local/plugins/docker-build/builder.ts";
import { reference } from "../../../../local/plugins/docker-build/dockerBuildPlugin.ts";

describe("image references", () => {
  it("in full have a registry and a tag", () => {
    expect(fullReference("redis")).to.equal("docker.io/library/redis:latest");
    expect(fullReference("me/app:1")).to.equal("docker.io/me/app:1");
    expect(fullReference("index.docker.io/me/app:1")).to.equal("docker.io/me/app:1");
    expect(fullReference("localhost/app")).to.equal("localhost/app:latest");
    expect(fullReference("registry.example:5000/app")).to.equal("registry.example:5000/app:latest");
  });

  it("without tag and digest are repositories", () => {
    expect(repositoryOf("registry.example:5000/app:1")).to.equal("registry.example:5000/app");
    expect(repositoryOf("redis:8@sha256:abc")).to.equal("docker.io/library/redis");
  });

  it("in short form leave out what Docker Hub implies", () => {
    expect(familiarName("docker.io/library/node:24")).to.equal("node:24");
    expect(familiarName("docker.io/me/app:latest")).to.equal("me/app");
    expect(familiarName("base")).to.equal("base");
  });

  it("of a built image are pinned where there is a digest", () => {
    expect(reference({ tags: ["a:1", "b:1"] }, "sha256:abc")).to.equal("docker.io/library/a:1@sha256:abc");
    expect(reference({ tags: ["a:1"] }, "")).to.equal("a:1");
    expect(reference({ tags: [] }, "sha256:abc")).to.equal("");
  });
});

describe("the builder", () => {
  it("is found by two variables, a bare path meaning a socket", () => {
    const env = { SESSIONDB_BUILDCTL: "/b", SESSIONDB_BUILDKIT_ADDR: "/run/b.sock" };
    expect(builderFrom(env)).to.deep.equal({ buildctl: "/b", address: "unix:///run/b.sock" });
  });

  it("says which one is missing", () => {
    expect(() => builderFrom({ SESSIONDB_BUILDCTL: "/b" })).to.throw(
      /SESSIONDB_BUILDCTL is "\/b" and SESSIONDB_BUILDKIT_ADDR is ""/,
    );
  });
});
