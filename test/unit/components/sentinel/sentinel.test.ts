import { expect } from "chai";
import { Sentinel } from "../../../../components/sentinel/sentinel.ts";
import { sentinelInitSettings } from "../../../../workers/agent/settings.ts";
import { sentinelConfig } from "../../../helpers/config.ts";
import { deployComponent, WORKER_IMAGE } from "../../../helpers/deployedComponents.ts";
import { at, textOf, type Deployment, type PlainObject } from "../../../helpers/pulumi.ts";

function deploySentinel(values: Record<string, unknown> = {}): Promise<Deployment<Sentinel>> {
  return deployComponent(
    sentinelConfig(values),
    (surroundings) => new Sentinel("sessiondb-sentinel", { ...surroundings, topologyMapName: "topology-1" }),
  );
}

async function pod(values: Record<string, unknown> = {}): Promise<PlainObject> {
  const set = (await deploySentinel(values)).find("StatefulSet", "sentinel");
  return at(set.inputs, "spec", "template", "spec") as PlainObject;
}

describe("Sentinel", () => {
  it("has as many pods as configured, started together", async () => {
    const set = (await deploySentinel({ sentinel: { count: 5, quorum: 3 } })).find("StatefulSet", "sentinel");
    expect(at(set.inputs, "spec", "replicas")).to.equal(5);
    expect(at(set.inputs, "spec", "podManagementPolicy")).to.equal("Parallel");
  });

  it("declares the volumes of its rewritten configuration, and lets them go with the addresses that they name", async () => {
    const deployment = await deploySentinel({ data: { protect: true } });
    const claims = deployment.ofType("PersistentVolumeClaim");
    expect(claims.map(({ inputs }) => at(inputs, "metadata", "name"))).to.deep.equal([
      "data-sentinel-0",
      "data-sentinel-1",
      "data-sentinel-2",
    ]);
    for (const claim of claims) expect(claim).to.include({ retainOnDelete: false, protect: false });
  });

  it("has the agent write the configuration before each start", async () => {
    const spec = await pod();
    const init = at(spec, "initContainers", 0) as PlainObject;
    expect(init).to.deep.include({ image: WORKER_IMAGE, args: ["/app/agent.mjs", "sentinel-init"] });
    const environment = Object.fromEntries(
      (init.env as { name: string; value?: string }[]).map(({ name, value }) => [
        name,
        value ?? "sentinel-0",
      ]),
    );
    expect(sentinelInitSettings(environment)).to.include({
      podName: "sentinel-0",
      settingsFile: "/etc/sessiondb/sentinel/sentinel.conf",
      authFile: "/etc/sessiondb/auth/auth.conf",
      aclFile: "/etc/sessiondb/acl/users.acl",
      dataDirectory: "/data",
    });
    const paths = (init.volumeMounts as { mountPath: string }[]).map(({ mountPath }) => mountPath);
    expect(paths).to.include.members([
      "/data",
      "/etc/sessiondb/sentinel",
      "/etc/sessiondb/auth",
      "/etc/sessiondb/topology",
      "/etc/sessiondb/accounts/monitor",
    ]);
  });

  it("then runs on the file that it may rewrite, and that nobody else may read", async () => {
    const spec = await pod();
    expect(at(spec, "containers", 0, "command", 2)).to.equal(
      "umask 077; exec redis-server /data/sentinel.conf --sentinel",
    );
  });

  it("is ready once it can name a primary", async () => {
    expect(at(await pod(), "containers", 0, "readinessProbe", "exec", "command", 1)).to.equal(
      "/etc/sessiondb/scripts/sentinel-ready.sh",
    );
  });

  it("has a volume for every mount and no other", async () => {
    const spec = await pod();
    const containers = [...(spec.initContainers as PlainObject[]), ...(spec.containers as PlainObject[])];
    const mounted = new Set(
      containers.flatMap((one) => (one.volumeMounts as { name: string }[]).map(({ name }) => name)),
    );
    mounted.delete("data");
    expect((spec.volumes as { name: string }[]).map(({ name }) => name)).to.have.members([...mounted]);
  });

  it("renders settings without naming a primary: who that is, is the Sentinels' to know", async () => {
    const settings = (await deploySentinel({ sentinel: { profile: "fenced" } })).find(
      "ConfigMap",
      "sessiondb-sentinel-settings",
    );
    const text = textOf(at(settings.inputs, "data", "sentinel.conf"));
    expect(text).to.include("sentinel down-after-milliseconds sessiondb 4000");
    expect(text).not.to.match(/^sentinel monitor/m);
  });

  it("may lose one pod at a time to a drain", async () => {
    const budget = (await deploySentinel()).find("PodDisruptionBudget", "sessiondb-sentinel-budget");
    expect(at(budget.inputs, "spec", "maxUnavailable")).to.equal(1);
  });

  it("has an address for all of them and a headless Service", async () => {
    const deployment = await deploySentinel();
    expect(at(deployment.find("Service", "sentinel").inputs, "spec", "ports", 0, "port")).to.equal(26379);
    expect(at(deployment.find("Service", "sentinel-headless").inputs, "spec", "clusterIP")).to.equal("None");
  });

  it("starts after its volumes and Secrets", async () => {
    const { dependencies } = (await deploySentinel()).find("StatefulSet", "sentinel");
    for (const name of ["sessiondb-sentinel-data-0", "sessiondb-credentials-sentinel-acl"]) {
      expect(
        dependencies.some((urn) => urn.endsWith(`::${name}`)),
        name,
      ).to.equal(true);
    }
  });
});
