import { expect } from "chai";
import { Cache } from "../../../components/cache.ts";
import { renderRedisConf } from "../../../components/redis/redisConf.ts";
import { cacheRedisSettings } from "../../../components/redis/redisConfSettings.ts";
import { testConfig } from "../../helpers/config.ts";
import { deployComponent } from "../../helpers/deployedComponents.ts";
import { at, type Deployment } from "../../helpers/pulumi.ts";

const config = testConfig({ cache: { memoryLimit: "320Mi", cpuRequest: "70m" } });

const deployCache = (): Promise<Deployment<Cache>> =>
  deployComponent(config, (surroundings) => {
    const acl = surroundings.credentials.cacheAcl;
    if (acl === undefined) throw new Error("the credentials have no ACL for the cache");
    return new Cache("sessiondb-cache", { ...surroundings, acl });
  });

describe("Cache", () => {
  it("is one pod that keeps nothing on disk", async () => {
    const deployment = await deployCache();
    const { inputs } = deployment.find("StatefulSet", "cache");
    expect(at(inputs, "spec", "replicas")).to.equal(1);
    expect(at(inputs, "spec", "volumeClaimTemplates")).to.equal(undefined);
    expect(deployment.ofType("PersistentVolumeClaim")).to.deep.equal([]);
    const volumes = at(inputs, "spec", "template", "spec", "volumes") as { name: string }[];
    expect(volumes.find(({ name }) => name === "data")).to.have.property("emptyDir");
  });

  it("runs the evicting configuration", async () => {
    const conf = (await deployCache()).find("ConfigMap", "sessiondb-cache-conf");
    expect(at(conf.inputs, "data", "redis.conf")).to.equal(renderRedisConf(cacheRedisSettings(config)));
    expect(at(conf.inputs, "data", "redis.conf")).to.include("maxmemory-policy allkeys-lru");
  });

  it("has memory of its own", async () => {
    const { inputs } = (await deployCache()).find("StatefulSet", "cache");
    expect(at(inputs, "spec", "template", "spec", "containers", 0, "resources")).to.deep.equal({
      requests: { cpu: "70m", memory: "320Mi" },
      limits: { memory: "320Mi" },
    });
  });

  it("knows its own accounts only", async () => {
    const { inputs } = (await deployCache()).find("StatefulSet", "cache");
    const volumes = at(inputs, "spec", "template", "spec", "volumes") as {
      secret?: { secretName: string };
    }[];
    expect(volumes.flatMap(({ secret }) => secret?.secretName ?? [])).to.have.members([
      "cache-acl",
      "account-monitor",
    ]);
  });

  it("is reached at the address cache and named by a headless Service", async () => {
    const deployment = await deployCache();
    expect(at(deployment.find("Service", "cache").inputs, "spec", "ports", 0, "port")).to.equal(6379);
    expect(at(deployment.find("Service", "cache-headless").inputs, "spec", "clusterIP")).to.equal("None");
  });

  it("has no disruption budget: it would block draining the node of the single pod", async () => {
    expect((await deployCache()).ofType("PodDisruptionBudget")).to.deep.equal([]);
  });
});
