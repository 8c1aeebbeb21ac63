import * as k8s from "@pulumi/kubernetes";
import { expect } from "chai";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { changes, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";

const NAMESPACE = "drift";
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const CRON = `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/nightly`;

function program(): Promise<void> {
  const namespace = new k8s.core.v1.Namespace("ns", { metadata: { name: NAMESPACE } });
  const metadata = { namespace: namespace.metadata.name };
  new k8s.core.v1.ConfigMap("kept", { metadata: { ...metadata, name: "kept" }, data: { value: "1" } });
  new k8s.core.v1.ConfigMap("lost", { metadata: { ...metadata, name: "lost" }, data: { value: "1" } });
  const resources = { requests: { cpu: "2000m" } };
  new k8s.batch.v1.CronJob("nightly", {
    metadata: { ...metadata, name: "nightly" },
    spec: {
      schedule: "0 3 * * *",
      jobTemplate: {
        spec: {
          template: {
            spec: { restartPolicy: "Never", containers: [{ name: "work", image: "work", resources }] },
          },
        },
      },
    },
  });
  return Promise.resolve();
}

describe("the kubernetes stand-in facing changes from outside", function () {
  this.timeout(120_000);
  let cluster: ControlPlane;
  let engine: Engine;
  let stack: Stack;

  const applyAsSomeoneElse = async (path: string, body: Record<string, string | object>) =>
    cluster.api.call("PATCH", `${path}?fieldManager=someone&force=true`, {
      contentType: "application/apply-patch+yaml",
      body: { ...body } as Record<string, string>,
    });

  before(async () => {
    cluster = await startControlPlane();
    engine = await makeEngine({ KUBECONFIG: cluster.kubeconfigPath });
    stack = await engine.withProgram(program);
    await stack.up();
  });
  after(async () => {
    await engine.dispose();
    await cluster.stop();
  });

  it("takes what the API server rewrites for no drift", async () => {
    expect(changes((await stack.refresh()).summary.resourceChanges)).to.deep.equal({});
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({});
  });

  it("detects a changed field and a deleted object on refresh, and repairs both", async () => {
    await applyAsSomeoneElse(CRON, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "nightly", namespace: NAMESPACE },
      spec: { schedule: "0 5 * * *" },
    });
    await cluster.api.call("DELETE", `${MAPS}/lost`);
    expect(changes((await stack.refresh()).summary.resourceChanges)).to.deep.equal({ update: 1, delete: 1 });
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({ update: 1, create: 1 });
    const { spec } = await cluster.api.call("GET", CRON);
    expect(spec).to.include({ schedule: "0 3 * * *" });
  });

  it("refuses to create what exists, and, told to take it over, what someone else set in it", async () => {
    await applyAsSomeoneElse(`${MAPS}/foreign`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "foreign", namespace: NAMESPACE },
      data: { value: "theirs" },
    });
    const failureOf = async (upsertExistingObjects: boolean): Promise<string> => {
      const conflicting = await engine.withProgram(async () => {
        await program();
        const provider = new k8s.Provider("careful", { upsertExistingObjects });
        new k8s.core.v1.ConfigMap(
          "foreign",
          { metadata: { name: "foreign", namespace: NAMESPACE }, data: { value: "ours" } },
          { provider },
        );
      });
      return conflicting.up().then(
        () => "it succeeded",
        (error: unknown) => String(error),
      );
    };
    expect(await failureOf(false))
      .to.include("already exists")
      .and.include("upsertExistingObjects");
    expect(await failureOf(true))
      .to.include("pulumi.com/patchForce")
      .and.include("someone");
    const { data } = await cluster.api.call("GET", `${MAPS}/foreign`);
    expect(data).to.deep.equal({ value: "theirs" });
    // Leaves the state as the other tests know it: without this one's provider.
    await stack.up();
  });

  it("reads an object that the program only gets, and imports one that it adopts", async () => {
    const reading = await engine.withProgram(async () => {
      await program();
      const read = k8s.core.v1.ConfigMap.get("read", `${NAMESPACE}/foreign`);
      new k8s.core.v1.ConfigMap(
        "adopted",
        { metadata: { name: "foreign", namespace: NAMESPACE }, data: { value: "theirs" } },
        { import: `${NAMESPACE}/foreign` },
      );
      return { read: read.data };
    });
    const { summary, outputs } = await reading.up();
    expect(outputs.read?.value).to.deep.equal({ value: "theirs" });
    expect(changes(summary.resourceChanges)).to.deep.equal({ import: 1 });
  });

  it("keeps a workload that does not become ready, explains it, and repairs it with an update", async () => {
    const withReplicas = async (replicas: number) =>
      engine.withProgram(async () => {
        await program();
        new k8s.apps.v1.Deployment("web", {
          metadata: {
            name: "web",
            namespace: NAMESPACE,
            annotations: { "pulumi.com/timeoutSeconds": "2" },
          },
          spec: {
            replicas,
            selector: { matchLabels: { app: "web" } },
            template: {
              metadata: { labels: { app: "web" } },
              spec: { containers: [{ name: "web", image: "web" }] },
            },
          },
        });
      });
    const failure = await (await withReplicas(1)).up().then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(failure).to.include("not ready after 2 s: 0 of 1 replicas available");
    const repaired = await (await withReplicas(0)).up();
    expect(changes(repaired.summary.resourceChanges)).to.include({ update: 1 });
  });

  it("refuses types that it would have to fake", async () => {
    const unsupported = await engine.withProgram(() => {
      new k8s.helm.v3.Release("chart", { chart: "./chart" });
      return Promise.resolve();
    });
    const failure = await unsupported.preview().then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(failure).to.include("kubernetes:helm.sh/v3:Release is not supported by the stand-in");
  });
});
