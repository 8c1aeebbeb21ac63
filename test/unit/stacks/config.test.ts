import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { loadSecrets } from "../../../stacks/config.ts";
import { load, refusal, setConfig } from "./support.ts";

describe("loadConfig", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("gives a complete standalone configuration to a stack that sets nothing", () => {
    const config = load({}, "review");
    expect(config).to.include({ mode: "standalone", namespace: "sessiondb-review", stack: "review" });
    expect(config.redis.nodes).to.equal(1);
    expect(config.cache.mode).to.equal("separate");
    expect(config.redis.maxmemoryPolicy).to.equal("noeviction");
    expect(config.network.clientNamespaceLabels).to.deep.equal({ "sessiondb/access": "sessiondb-review" });
    expect(config.images.worker.build?.baseImage).to.match(/@sha256:/);
  });

  it("takes the empty defaults of Pulumi.yaml as not set", () => {
    expect(load({ namespace: "", kubeContext: "", redis: {} }).namespace).to.equal("sessiondb-test");
  });

  it("reads numbers and booleans that the command line stored as text", () => {
    const config = load({ redis: { databases: "4", lazyFree: "false" }, backup: { enabled: "true" } });
    expect(config.redis.databases).to.equal(4);
    expect(config.redis.lazyFree).to.equal(false);
  });

  for (const value of ["3 ", "03", "3.5", "three", "", "1e2", true, null, [3]]) {
    it(`refuses ${JSON.stringify(value)} as a whole number`, () => {
      expect(refusal({ redis: { databases: value } }).message).to.contain("a whole number from 2 to 16");
    });
  }

  for (const value of ["yes", "True", 1, ""]) {
    it(`refuses ${JSON.stringify(value)} as a boolean`, () => {
      expect(refusal({ redis: { lazyFree: value } }).message).to.contain("true or false");
    });
  }

  it("freezes everything, down to the last list item", () => {
    const config = load({});
    expect(() => Reflect.set(config.persistence.savePoints[0]!, "seconds", 1)).to.not.throw();
    expect(config.persistence.savePoints[0]!.seconds).to.equal(900);
    expect(Object.isFrozen(config.redis.encodings)).to.equal(true);
    expect(Object.isFrozen(config.network.clientNamespaceLabels)).to.equal(true);
  });

  it("derives maxmemory from the container limit unless it is given", () => {
    expect(load({ redis: { memoryLimit: "1Gi" } }).redis.maxmemoryBytes).to.equal(697 * 1024 ** 2);
    expect(load({ redis: { maxmemory: "100mb" } }).redis.maxmemoryBytes).to.equal(100 * 1024 ** 2);
  });

  it("derives the timings of a profile, and gives way to explicit ones", () => {
    const fenced = load({ mode: "sentinel", sentinel: { profile: "fenced" } });
    expect(fenced.sentinel).to.include({ downAfterMs: 4000, failoverTimeoutMs: 12_000 });
    expect(fenced.writeSafety.maxLagSeconds).to.equal(2);
    const fast = load({
      mode: "sentinel",
      sentinel: { downAfterMs: 1500 },
      writeSafety: { maxLagSeconds: 9 },
    });
    expect(fast.sentinel).to.include({ downAfterMs: 1500, failoverTimeoutMs: 6000 });
    expect(fast.writeSafety.maxLagSeconds).to.equal(9);
  });

  it("takes a prebuilt worker image instead of a build", () => {
    const { worker } = load({ images: { worker: { prebuilt: "mirror.internal/worker:1" } } }).images;
    expect(worker).to.deep.equal({ prebuilt: "mirror.internal/worker:1" });
  });

  it("keeps the registry password out of the configuration and hands it out as a secret", async () => {
    setConfig({ registryPassword: "hunter2" }, ["registryPassword"]);
    const secrets = loadSecrets(new pulumi.Config("sessiondb"));
    expect(await pulumi.isSecret(secrets.registryPassword!)).to.equal(true);
    expect(JSON.stringify(load({ registryPassword: "hunter2" }))).to.not.contain("hunter2");
  });

  it("counts an empty registry password as none", () => {
    setConfig({ registryPassword: "" });
    expect(loadSecrets(new pulumi.Config("sessiondb")).registryPassword).to.equal(undefined);
  });
});
