import { expect } from "chai";
import { isUnpinnedPublicImage, parseImageReference, versionInTag } from "../../../components/images.ts";

const DIGEST = `sha256:${"a1".repeat(32)}`;

describe("Image references", () => {
  for (const [text, parts] of [
    ["redis", { registry: "docker.io", repository: "library/redis" }],
    ["redis:8.2.1", { registry: "docker.io", repository: "library/redis", tag: "8.2.1" }],
    ["valkey/valkey:8", { registry: "docker.io", repository: "valkey/valkey", tag: "8" }],
    ["docker.io/redis", { registry: "docker.io", repository: "library/redis" }],
    ["localhost/worker", { registry: "localhost", repository: "worker" }],
    ["127.0.0.1:5000/a/b:1", { registry: "127.0.0.1:5000", repository: "a/b", tag: "1" }],
    [`ghcr.io/x/y:1@${DIGEST}`, { registry: "ghcr.io", repository: "x/y", tag: "1", digest: DIGEST }],
    [`redis@${DIGEST}`, { registry: "docker.io", repository: "library/redis", digest: DIGEST }],
  ] as const) {
    it(`takes ${text.slice(0, 30)} apart`, () => expect(parseImageReference(text)).to.deep.equal(parts));
  }

  for (const bad of ["", "Redis", "redis:", "redis@sha256:12", "https://x/y", "a b"]) {
    it(`refuses "${bad}"`, () =>
      expect(() => parseImageReference(bad)).to.throw(RangeError, "not an image reference"));
  }

  it("wants a digest from public registries only", () => {
    expect(isUnpinnedPublicImage("redis:8.2.1")).to.equal(true);
    expect(isUnpinnedPublicImage("quay.io/x/y:1")).to.equal(true);
    expect(isUnpinnedPublicImage(`redis:8.2.1@${DIGEST}`)).to.equal(false);
    expect(isUnpinnedPublicImage("registry.internal:5000/redis:8.2.1")).to.equal(false);
  });

  for (const [tag, version] of [
    ["8.2.1", [8, 2, 1]],
    ["v7.2-alpine", [7, 2]],
    ["8-bookworm", [8]],
    ["latest", undefined],
    ["8.2.1rc1", undefined],
    ["2024.01.02.3", undefined],
  ] as const) {
    it(`reads ${version === undefined ? "no version" : version.join(".")} in the tag ${tag}`, () =>
      expect(versionInTag(parseImageReference(`redis:${tag}`))).to.deep.equal(version));
  }
});
