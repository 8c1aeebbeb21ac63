import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { expect } from "chai";
import { isNotFound } from "../../../local/plugins/kubernetes/apiError.ts";
import { listAt, objectAt, stringAt } from "../../../local/plugins/rpc/json.ts";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { changes, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** What the tests turn between two runs of one program. */
interface Variant {
  readonly setting: string;
  readonly schedule: string;
  readonly podManagementPolicy: string;
  readonly size: number;
  /** Contents of a kubeconfig with a token; set once the cluster runs. */
  readonly kubeconfig?: string;
}

const FIRST: Variant = {
  setting: "one",
  schedule: "0 3 * * *",
  podManagementPolicy: "OrderedReady",
  size: 1,
};
const NAMESPACE = "lifecycle";
const PASSWORD = "hunter2-plain-text";

/** One object of every kind that the project uses and that needs no node. */
function programFor(variant: Variant): () => Promise<Record<string, unknown>> {
  return async () => {
    const provider = new k8s.Provider("cluster", {
      enableSecretMutable: true,
      ...(variant.kubeconfig === undefined ? {} : { kubeconfig: variant.kubeconfig }),
    });
    const opts = { provider };
    const namespace = new k8s.core.v1.Namespace("ns", { metadata: { name: NAMESPACE } }, opts);
    const metadata = { namespace: namespace.metadata.name };
    const drawn = new random.RandomPassword("drawn", { length: 24 });
    const account = new k8s.core.v1.ServiceAccount("account", { metadata }, opts);
    const role = new k8s.rbac.v1.Role(
      "role",
      { metadata, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
      opts,
    );
    new k8s.rbac.v1.RoleBinding(
      "binding",
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: NAMESPACE }],
      },
      opts,
    );
    const settings = new k8s.core.v1.ConfigMap(
      "settings",
      { metadata, data: { setting: variant.setting } },
      opts,
    );
    const secret = new k8s.core.v1.Secret(
      "secret",
      {
        metadata: { ...metadata, name: "secret" },
        stringData: { password: PASSWORD, drawn: drawn.result, setting: variant.setting },
      },
      opts,
    );
    new k8s.networking.v1.NetworkPolicy(
      "deny",
      { metadata, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
      opts,
    );
    const service = new k8s.core.v1.Service(
      "headless",
      {
        metadata: { ...metadata, name: "redis" },
        spec: { clusterIP: "None", selector: { app: "redis" }, ports: [{ port: 6379 }] },
      },
      opts,
    );
    const containers = [{ name: "redis", image: "redis", resources: { requests: { memory: "16Mi" } } }];
    new k8s.apps.v1.StatefulSet(
      "redis",
      {
        metadata: { ...metadata, name: "redis" },
        spec: {
          replicas: 0,
          serviceName: service.metadata.name,
          podManagementPolicy: variant.podManagementPolicy,
          selector: { matchLabels: { app: "redis" } },
          template: { metadata: { labels: { app: "redis" } }, spec: { containers } },
        },
      },
      opts,
    );
    new k8s.batch.v1.CronJob(
      "nightly",
      {
        metadata: { ...metadata, name: "nightly" },
        spec: {
          schedule: variant.schedule,
          jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers } } } },
        },
      },
      opts,
    );
    new k8s.core.v1.PersistentVolumeClaim(
      "data",
      {
        metadata: { ...metadata, name: "data", annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
      opts,
    );
    const definition = new k8s.apiextensions.v1.CustomResourceDefinition(
      "definition",
      {
        metadata: { name: "things.test.example" },
        spec: {
          group: "test.example",
          scope: "Namespaced",
          names: { plural: "things", singular: "thing", kind: "Thing" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
                },
              },
            },
          ],
        },
      },
      opts,
    );
    new k8s.apiextensions.CustomResource(
      "thing",
      { apiVersion: "test.example/v1", kind: "Thing", metadata, spec: { size: variant.size } },
      { ...opts, dependsOn: [definition] },
    );
    return Promise.resolve({
      settings: settings.metadata.name,
      settingsUid: settings.metadata.uid,
      secretUid: secret.metadata.uid,
      drawn: drawn.result,
    });
  };
}

describe("the kubernetes stand-in over a stack's life", function () {
  this.timeout(120_000);
  let cluster: ControlPlane;
  let engine: Engine;

  const program = (variant: Variant) => programFor({ ...variant, kubeconfig: cluster.kubeconfig });

  before(async () => {
    cluster = await startControlPlane();
    engine = await makeEngine();
  });
  after(async () => {
    await engine.dispose();
    await cluster.stop();
  });

  it("previews everything before the namespace and the definitions exist", async () => {
    const stack = await engine.withProgram(program(FIRST));
    const { changeSummary } = await stack.preview();
    expect(changeSummary).to.deep.equal({ create: 16 });
    expect(await namespaceExists(cluster)).to.equal(false);
  });

  it("creates everything, with generated names where the program gave none", async () => {
    const { summary, outputs } = await (await engine.withProgram(program(FIRST))).up();
    expect(changes(summary.resourceChanges)).to.deep.equal({ create: 16 });
    expect(outputs.settings?.value).to.match(/^settings-[0-9a-f]{8}$/);
    const secret = await cluster.api.call("GET", `/api/v1/namespaces/${NAMESPACE}/secrets/secret`);
    expect(stringAt(secret, "data", "password")).to.equal(Buffer.from(PASSWORD).toString("base64"));
  });

  it("finds nothing to do the second time, and shows so in a preview", async () => {
    const stack = await engine.withProgram(program(FIRST));
    expect(changes((await stack.preview()).changeSummary)).to.deep.equal({});
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({});
  });

  it("keeps passwords and the cluster's token out of the state file", async () => {
    const { outputs } = await (await engine.withProgram(program(FIRST))).up();
    const state = await engine.stateText();
    const drawn = String(outputs.drawn?.value);
    expect(state).to.include("kubernetes:core/v1:Secret");
    const token = /token: (\S+)/.exec(cluster.kubeconfig)?.[1] ?? "";
    expect(token).not.to.equal("");
    for (const hidden of [PASSWORD, drawn, token]) {
      expect(state).not.to.include(hidden);
      expect(state).not.to.include(Buffer.from(hidden).toString("base64"));
    }
  });

  it("updates a changed value in place", async () => {
    const stack = await engine.withProgram(program({ ...FIRST, schedule: "0 4 * * *", size: 2 }));
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({ update: 2 });
    const job = await cluster.api.call("GET", `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/nightly`);
    expect(stringAt(job, "spec", "schedule")).to.equal("0 4 * * *");
  });

  it("replaces a ConfigMap under a new name, and updates a Secret in place because the provider says so", async () => {
    const before = (await (await engine.withProgram(program(FIRST))).up()).outputs;
    const after = await (await engine.withProgram(program({ ...FIRST, setting: "two" }))).up();
    expect(changes(after.summary.resourceChanges)).to.deep.equal({ replace: 1, update: 1 });
    expect(after.outputs.settings?.value).not.to.equal(before.settings?.value);
    expect(after.outputs.secretUid?.value).to.equal(before.secretUid?.value);
    const maps = await cluster.api.call("GET", `/api/v1/namespaces/${NAMESPACE}/configmaps`);
    const names = listAt(maps, "items").map((item) => stringAt(item, "metadata", "name"));
    expect(names).to.include(after.outputs.settings?.value).and.not.include(before.settings?.value);
  });

  it("replaces an object whose immutable field changed, the old one first since the name is fixed", async () => {
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/redis`;
    const before = await cluster.api.call("GET", path);
    const stack = await engine.withProgram(
      program({ ...FIRST, setting: "two", podManagementPolicy: "Parallel" }),
    );
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({ replace: 1 });
    const now = await cluster.api.call("GET", path);
    expect(stringAt(now, "metadata", "uid")).not.to.equal(stringAt(before, "metadata", "uid"));
    expect(objectAt(now, "spec").podManagementPolicy).to.equal("Parallel");
  });

  it("leaves nothing behind after destroy", async () => {
    const stack = await engine.withProgram(program(FIRST));
    expect((await stack.destroy()).summary.resourceChanges).to.deep.equal({ delete: 16 });
    expect(await namespaceExists(cluster)).to.equal(false);
    const definitions = await cluster.api.call(
      "GET",
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    );
    expect(listAt(definitions, "items")).to.deep.equal([]);
    expect((await stack.exportStack()).deployment).not.to.have.property("resources");
  });
});

async function namespaceExists(cluster: ControlPlane): Promise<boolean> {
  try {
    await cluster.api.call("GET", `/api/v1/namespaces/${NAMESPACE}`);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
