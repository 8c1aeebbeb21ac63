import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Redis } from "../../../../components/redis/redis.ts";
import { renderRedisConf } from "../../../../components/redis/redisConf.ts";
import { sessionRedisSettings } from "../../../../components/redis/redisConfSettings.ts";
import type { AppConfig } from "../../../../stacks/configSchema.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";
import { deployComponent } from "../../../helpers/deployedComponents.ts";
import { at, resolve, reveal, type Deployment } from "../../../helpers/pulumi.ts";

const ACL_REVISION = ["spec", "template", "metadata", "annotations", "sessiondb/acl-revision"] as const;

function deployRedis(config: AppConfig): Promise<Deployment<{ readonly revision: pulumi.Output<string> }>> {
  return deployComponent(config, (surroundings) => {
    const replication =
      config.mode === "sentinel"
        ? { replication: { topologyMapName: "topology-1", workerImage: surroundings.workerImage } }
        : {};
    new Redis("sessiondb-redis", { ...surroundings, ...replication });
    return { revision: surroundings.credentials.redisAcl.revision };
  });
}

describe("Redis", () => {
  it("is one pod in standalone mode and primary plus replicas in sentinel mode", async () => {
    const alone = (await deployRedis(testConfig())).find("StatefulSet", "redis");
    expect(at(alone.inputs, "spec", "replicas")).to.equal(1);
    const set = (await deployRedis(sentinelConfig({ redis: { replicas: 3 } }))).find("StatefulSet", "redis");
    expect(at(set.inputs, "spec", "replicas")).to.equal(4);
  });

  it("starts all pods at once and updates them one by one", async () => {
    const { inputs } = (await deployRedis(sentinelConfig())).find("StatefulSet", "redis");
    expect(at(inputs, "spec", "podManagementPolicy")).to.equal("Parallel");
    expect(at(inputs, "spec", "updateStrategy", "type")).to.equal("RollingUpdate");
  });

  it("declares one claim per pod under the name that the StatefulSet expects, and keeps it", async () => {
    const deployment = await deployRedis(
      sentinelConfig({ persistence: { storageSize: "20Gi", storageClass: "fast" } }),
    );
    for (const ordinal of [0, 1, 2]) {
      const claim = deployment.find("PersistentVolumeClaim", `data-redis-${ordinal}`);
      expect(claim).to.include({ retainOnDelete: true, protect: false });
      expect(at(claim.inputs, "spec", "resources", "requests", "storage")).to.equal("20Gi");
      expect(at(claim.inputs, "spec", "storageClassName")).to.equal("fast");
      expect(at(claim.inputs, "metadata", "annotations", "pulumi.com/skipAwait")).to.equal("true");
    }
    expect(deployment.ofType("PersistentVolumeClaim")).to.have.lengthOf(3);
    const set = deployment.find("StatefulSet", "redis");
    expect(at(set.inputs, "spec", "volumeClaimTemplates", 0, "metadata", "name")).to.equal("data");
    // A claim that was lost is made anew from the template: in the same class, with the same labels.
    expect(at(set.inputs, "spec", "volumeClaimTemplates", 0, "spec", "storageClassName")).to.equal("fast");
    expect(at(set.inputs, "spec", "volumeClaimTemplates", 0, "metadata", "labels")).to.deep.equal(
      at(deployment.find("PersistentVolumeClaim", "data-redis-0").inputs, "metadata", "labels"),
    );
  });

  it("hands the operator's override to the agents in a Secret that changes in place", async () => {
    const reason = "volume of redis-0 is lost";
    const withOverride = await deployRedis(sentinelConfig({ bootstrap: { acceptDataLoss: reason } }));
    const template = (deployment: Deployment<unknown>): unknown =>
      at(deployment.find("StatefulSet", "redis").inputs, "spec", "template");
    expect(template(withOverride)).to.deep.equal(template(await deployRedis(sentinelConfig())));
    const { inputs } = withOverride.find("Secret", "redis-overrides");
    expect(reveal(inputs.stringData)).to.deep.equal({ "accept-data-loss": reason });
  });

  it("lets volumes grow in place: the immutable template of the StatefulSet is not touched again", async () => {
    const set = (await deployRedis(testConfig())).find("StatefulSet", "redis");
    expect(set.ignoreChanges).to.deep.equal(["spec.volumeClaimTemplates"]);
  });

  it("protects the claims where the stack protects its data, and lets them go where it says so", async () => {
    const config = testConfig({ data: { protect: true, retainOnDestroy: false } });
    const claim = (await deployRedis(config)).find("PersistentVolumeClaim", "data-redis-0");
    expect(claim).to.include({ retainOnDelete: false, protect: true });
  });

  it("keeps nothing on disk without persistence", async () => {
    const deployment = await deployRedis(testConfig({ persistence: { enabled: false } }));
    expect(deployment.ofType("PersistentVolumeClaim")).to.deep.equal([]);
    const { inputs } = deployment.find("StatefulSet", "redis");
    expect(at(inputs, "spec", "volumeClaimTemplates")).to.equal(undefined);
    const volumes = at(inputs, "spec", "template", "spec", "volumes") as {
      name: string;
      emptyDir?: object;
    }[];
    expect(volumes.find(({ name }) => name === "data")).to.have.property("emptyDir");
  });

  it("has an address to write to in standalone mode only; with replicas it serves reads", async () => {
    const alone = await deployRedis(testConfig());
    expect(at(alone.find("Service", "redis").inputs, "spec", "type")).to.equal("ClusterIP");
    expect(alone.tryFind("Service", "redis-readonly")).to.equal(undefined);
    const set = await deployRedis(sentinelConfig());
    expect(set.tryFind("Service", "redis")).to.equal(undefined);
    expect(at(set.find("Service", "redis-readonly").inputs, "spec", "publishNotReadyAddresses")).to.equal(
      undefined,
    );
  });

  it("names its pods by a headless Service that knows them before they are ready", async () => {
    const deployment = await deployRedis(testConfig());
    const headless = deployment.find("Service", "redis-headless");
    expect(at(headless.inputs, "spec", "clusterIP")).to.equal("None");
    expect(at(headless.inputs, "spec", "publishNotReadyAddresses")).to.equal(true);
    expect(at(deployment.find("StatefulSet", "redis").inputs, "spec", "serviceName")).to.equal(
      "redis-headless",
    );
  });

  it("allows one pod to be drained at a time, and does not block draining a single one", async () => {
    const budget = (await deployRedis(sentinelConfig())).find(
      "PodDisruptionBudget",
      "sessiondb-redis-budget",
    );
    expect(at(budget.inputs, "spec", "maxUnavailable")).to.equal(1);
    expect((await deployRedis(testConfig())).ofType("PodDisruptionBudget")).to.deep.equal([]);
  });

  it("runs the rendered redis.conf, from a ConfigMap whose name changes with it", async () => {
    const config = testConfig();
    const deployment = await deployRedis(config);
    const conf = deployment.find("ConfigMap", "sessiondb-redis-conf");
    expect(at(conf.inputs, "data", "redis.conf")).to.equal(renderRedisConf(sessionRedisSettings(config)));
    expect(at(conf.inputs, "metadata", "name")).to.equal(undefined);
  });

  it("ships the scripts that its probes and its supervisor run", async () => {
    const scripts = (await deployRedis(testConfig())).find("ConfigMap", "sessiondb-redis-scripts");
    const names = Object.keys(at(scripts.inputs, "data") as object);
    expect(names).to.have.members(["launch.sh", "ready.sh", "live.sh"]);
  });

  it("restarts its pods when the accounts change", async () => {
    const deployment = await deployRedis(testConfig());
    const { inputs } = deployment.find("StatefulSet", "redis");
    expect(at(inputs, ...ACL_REVISION)).to.equal(await resolve(deployment.result.revision));
  });

  it("starts after its volumes, its Secrets and what it was told to wait for", async () => {
    const deployment = await deployRedis(sentinelConfig());
    const { dependencies } = deployment.find("StatefulSet", "redis");
    for (const name of [
      "sessiondb-redis-data-0",
      "sessiondb-credentials-redis-acl",
      "sessiondb-credentials-redis-auth",
    ]) {
      expect(
        dependencies.some((urn) => urn.endsWith(`::${name}`)),
        name,
      ).to.equal(true);
    }
  });

  it("has a ServiceAccount of its own, without a token", async () => {
    const account = (await deployRedis(testConfig())).find("ServiceAccount", "sessiondb-redis-account");
    expect(account.inputs.automountServiceAccountToken).to.equal(false);
  });
});
