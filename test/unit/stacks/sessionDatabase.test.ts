import { expect } from "chai";
import { at, resolve, stackFile, type PlainObject } from "../../helpers/pulumi.ts";
import { allDependencies } from "../../helpers/resourceRules.ts";
import { deployProgram, deployStack } from "../../helpers/stacks.ts";

describe("SessionDatabase", () => {
  it("has in standalone mode one Redis, its cache, the jobs, and nothing of Sentinel", async () => {
    const { ofType, resources } = await deployStack("dev");
    expect(ofType("StatefulSet").map(({ inputs }) => at(inputs, "metadata", "name"))).to.have.members([
      "redis",
      "cache",
    ]);
    expect(ofType("CronJob").map(({ inputs }) => at(inputs, "metadata", "name"))).to.have.members([
      "cleanup-sessions",
      "cleanup-cache",
      "backup",
    ]);
    expect(resources.filter(({ name }) => name.includes("sentinel")).map(({ name }) => name)).to.deep.equal(
      [],
    );
  });

  it("adds in sentinel mode the Sentinels and an address per pod", async () => {
    const { ofType } = await deployStack("prod");
    const names = ofType("Service").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(names).to.include.members([
      "redis-0",
      "redis-3",
      "sentinel-0",
      "sentinel-2",
      "redis-readonly",
      "sentinel",
    ]);
    expect(ofType("StatefulSet").map(({ inputs }) => at(inputs, "metadata", "name"))).to.include("sentinel");
  });

  it("makes neither Redis nor the Sentinels wait for the other: at the first start each needs the other", async () => {
    const { find, resources } = await deployStack("staging");
    const [redis, sentinel] = [find("StatefulSet", "redis"), find("StatefulSet", "sentinel")];
    expect(allDependencies(redis, resources)).not.to.include(sentinel.urn);
    expect(allDependencies(sentinel, resources)).not.to.include(redis.urn);
  });

  it("makes both wait for the addresses, the Secrets and the network policies", async () => {
    const { find, ofType, resources } = await deployStack("staging");
    const first = [
      ...ofType("NetworkPolicy"),
      find("Service", "redis-0"),
      find("Service", "sentinel-0"),
      find("Secret", "redis-acl"),
      find("Secret", "account-monitor"),
    ].map(({ urn }) => urn);
    for (const set of ["redis", "sentinel"]) {
      expect([...allDependencies(find("StatefulSet", set), resources)], set).to.include.members(first);
    }
  });

  it("guards namespace, data and backups in prod, and retains them everywhere", async () => {
    for (const stack of ["dev", "staging", "prod"] as const) {
      const { find } = await deployStack(stack);
      const kept = [
        find("Namespace", `sessiondb-${stack}`),
        find("PersistentVolumeClaim", "data-redis-0"),
        find("PersistentVolumeClaim", "backup"),
      ];
      for (const resource of kept) {
        expect(resource, resource.name).to.include({ retainOnDelete: true, protect: stack === "prod" });
      }
    }
  });

  it("uses server-side apply, changes Secrets in place, and the kube context that the stack names", async () => {
    const config = { ...(await stackFile("dev")), "sessiondb:kubeContext": "prod-eu" };
    const [provider] = (await deployProgram("dev", config)).ofType("pulumi:providers:kubernetes");
    expect(provider!.inputs).to.include({
      enableServerSideApply: "true",
      enableSecretMutable: "true",
      context: "prod-eu",
    });
  });

  it("leaves the choice of the kube context to the environment otherwise", async () => {
    const [provider] = (await deployStack("dev")).ofType("pulumi:providers:kubernetes");
    expect(provider!.inputs).not.to.have.property("context");
  });

  const without = (part: string): [string, PlainObject] =>
    part === "cache" ? ["sessiondb:cache", { mode: "shared" }] : ["sessiondb:backup", { enabled: false }];
  for (const part of ["cache", "backup"]) {
    it(`has nothing of the ${part} where there is none`, async () => {
      const { resources } = await deployProgram("dev", Object.fromEntries([without(part)]));
      const left = resources.filter(
        ({ type }) => type === `sessiondb:index:${part === "cache" ? "Cache" : "Backup"}`,
      );
      expect(left).to.deep.equal([]);
    });
  }

  it("puts everything into the namespace of the configuration", async () => {
    const { result, find } = await deployProgram("dev", { "sessiondb:namespace": "sessions-of-shop" });
    expect(find("Namespace", "sessions-of-shop")).to.have.property("custom", true);
    expect(await resolve(result.namespace)).to.equal("sessions-of-shop");
  });
});
