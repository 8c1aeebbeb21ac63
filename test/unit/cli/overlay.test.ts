import { expect } from "chai";
import { embeddedOverlay, mergeConfig } from "../../../cli/stack/overlay.ts";

describe("mergeConfig", () => {
  it("merges objects key by key and replaces everything else", () => {
    const base = { a: { x: 1, y: [1, 2] }, b: "kept" };
    expect(mergeConfig(base, { a: { y: [3], z: true } })).to.deep.equal({
      a: { x: 1, y: [3], z: true },
      b: "kept",
    });
  });

  it("leaves its arguments as they were", () => {
    const base = { a: { x: 1 } };
    mergeConfig(base, { a: { x: 2 } });
    expect(base).to.deep.equal({ a: { x: 1 } });
  });
});

describe("the overlay of the embedded cluster", () => {
  const overlay = embeddedOverlay(
    { redis: "local/redis:7.0.15", redisVersion: "7.0.15", nodeBase: "oci-layout:///n@sha256:1" },
    "10.213.0.2",
  );

  it("touches only configuration keys of the project", () => {
    expect(Object.keys(overlay).every((key) => key.startsWith("sessiondb:"))).to.equal(true);
  });

  it("names the engine that its image really holds", () => {
    expect(overlay["sessiondb:engine"]).to.deep.equal({
      name: "redis",
      version: "7.0.15",
      distribution: "debian",
    });
    expect(overlay).to.have.nested.property("sessiondb:images.redis", "local/redis:7.0.15");
  });

  it("opens the name server's address and nothing wider", () => {
    expect(overlay["sessiondb:network"]).to.deep.equal({ dns: { cidrs: ["10.213.0.2/32"] } });
  });
});
