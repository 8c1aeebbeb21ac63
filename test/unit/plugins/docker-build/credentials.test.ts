import { expect } from "chai";
import {
  DockerBuildPlugin,
  hideCredentials,
} from "../../../../local/plugins/docker-build/dockerBuildPlugin.ts";
import { authKey, dockerConfig } from "../../../../local/plugins/docker-build/registryAuth.ts";
import { secret, UNKNOWN } from "../../../../local/plugins/rpc/envelopes.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";
import type { ResourceRequest } from "../../../../local/plugins/rpc/plugin.ts";

const REQUEST: ResourceRequest = {
  urn: "",
  name: "image",
  type: "docker-build:index:Image",
  id: "",
  timeoutSeconds: 0,
  preview: false,
  signal: new AbortController().signal,
  say: () => undefined,
};

describe("an image's credentials", () => {
  const login = { address: "registry.example", username: "ci", password: "p" };

  it("become secret whether the program said so or not", () => {
    const hidden = { registries: [{ ...login, password: secret("p") }], secrets: secret({ token: "t" }) };
    expect(hideCredentials({ registries: [login], secrets: { token: "t" } })).to.deep.equal(hidden);
    expect(hideCredentials(hidden)).to.deep.equal(hidden);
    expect(hideCredentials({ registries: secret([login]) })).to.deep.equal({ registries: secret([login]) });
  });

  it("are added to the operator's own logins, past credential stores", () => {
    const base = {
      auths: { other: { auth: "x" } },
      credsStore: "desktop",
      credHelpers: { "registry.example": "ecr", elsewhere: "gcr" },
    };
    expect(dockerConfig(base, [login])).to.deep.equal({
      auths: { other: { auth: "x" }, "registry.example": { auth: Buffer.from("ci:p").toString("base64") } },
      credHelpers: { elsewhere: "gcr" },
    });
  });

  it("are filed under the registry's host, Docker Hub's under its old address", () => {
    expect(authKey("https://registry.example:5000/v2/")).to.equal("registry.example:5000");
    for (const hub of ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"]) {
      expect(authKey(hub), hub).to.equal("https://index.docker.io/v1/");
    }
  });
});

describe("an image's check", () => {
  const plugin = new DockerBuildPlugin({});
  const failures = (news: JsonObject) =>
    plugin
      .check(REQUEST, { olds: {}, news, randomSeed: new Uint8Array() })
      .failures?.map(({ property }) => property);

  it("refuses secret build arguments, which would show on a command line", () => {
    expect(failures({ tags: ["a"], buildArgs: { A: secret("x") } })).to.deep.equal(["buildArgs"]);
    expect(failures({ tags: ["a"], buildArgs: { A: "x" } })).to.deep.equal([]);
  });

  it("refuses to push what has no tag, unless the tag is not known yet", () => {
    expect(failures({ push: true })).to.deep.equal(["tags"]);
    expect(failures({ push: true, tags: UNKNOWN })).to.deep.equal([]);
    expect(failures({ push: false })).to.deep.equal([]);
  });

  it("refuses other types by name", () => {
    const request = { ...REQUEST, type: "docker-build:index:Index" };
    expect(() => plugin.check(request, { olds: {}, news: {}, randomSeed: new Uint8Array() })).to.throw(
      /docker-build:index:Index is not supported/,
    );
  });
});
