import * as k8s from "@pulumi/kubernetes";
import { expect } from "chai";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { settlePendingCreates } from "../../../local/plugins/pendingCreates.ts";
import { listAt, stringAt } from "../../../local/plugins/rpc/json.ts";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { changes, deploymentOf, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { eventually, runningProcesses } from "./processes.ts";

const NAMESPACE = "killed";
const SERVICES = `/api/v1/namespaces/${NAMESPACE}/services`;

/** Services with a selector are waited for, which keeps both creations underway for some seconds. */
function program(): Promise<void> {
  const namespace = new k8s.core.v1.Namespace("ns", { metadata: { name: NAMESPACE } });
  const metadata = { namespace: namespace.metadata.name };
  const spec = { selector: { app: "nobody" }, ports: [{ port: 6379 }] };
  new k8s.core.v1.ConfigMap("before", { metadata, data: { value: "1" } });
  const fixed = new k8s.core.v1.Service("fixed", { metadata: { ...metadata, name: "fixed" }, spec });
  new k8s.core.v1.Service("generated", { metadata, spec });
  new k8s.core.v1.ConfigMap("after", { metadata, data: { value: "1" } }, { dependsOn: [fixed] });
  return Promise.resolve();
}

describe("an update whose engine was killed midway", function () {
  this.timeout(120_000);
  let cluster: ControlPlane;
  let engine: Engine;
  let stack: Stack;

  const serviceNames = async () =>
    listAt(await cluster.api.call("GET", SERVICES), "items").map(
      (item) => stringAt(item, "metadata", "name") ?? "",
    );

  before(async () => {
    cluster = await startControlPlane();
    engine = await makeEngine({ KUBECONFIG: cluster.kubeconfigPath });
    stack = await engine.withProgram(program);
    const update = stack.up().then(
      () => "finished",
      () => "broke off",
    );
    await eventually("both services to exist", async () => (await serviceNames()).length === 2 || undefined);
    await killEngine();
    expect(await update).to.equal("broke off");
  });
  after(async () => {
    await engine.dispose();
    await cluster.stop();
  });

  it("takes its plugins down with it", async () => {
    await eventually(
      "the end of the plugins",
      async () => (await pluginsOf(engine)) === 0 || undefined,
      5_000,
    );
  });

  it("leaves a lock and the creations it had begun", async () => {
    const deployment = await deploymentOf(stack);
    expect(
      listAt(deployment, "pending_operations").map((operation) => stringAt(operation, "type")),
    ).to.deep.equal(["creating", "creating"]);
    const refusal = await stack.up().then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(refusal).to.include("locked");
  });

  it("converges with the next update, and the objects it had made are the ones it keeps", async () => {
    const made = await serviceNames();
    await stack.cancel();
    const { deployment, adopted, dropped } = settlePendingCreates(await deploymentOf(stack));
    expect([adopted.length, dropped]).to.deep.equal([2, []]);
    await stack.importStack({ version: 3, deployment });
    await stack.refresh();
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({ create: 1 });
    expect(changes((await stack.up()).summary.resourceChanges)).to.deep.equal({});
    expect((await serviceNames()).sort()).to.deep.equal(made.sort());
  });

  it("destroys to nothing", async () => {
    expect((await stack.destroy()).summary.resourceChanges).to.deep.equal({ delete: 6 });
    const namespaces = listAt(await cluster.api.call("GET", "/api/v1/namespaces"), "items");
    expect(namespaces.map((item) => stringAt(item, "metadata", "name"))).not.to.include(NAMESPACE);
  });
});

/** The engine is this process's only child with that command; nothing else is touched. */
async function killEngine(): Promise<void> {
  const engines = (await runningProcesses()).filter(
    ({ parent, command }) => parent === process.pid && / up .*--client=/.test(command),
  );
  expect(engines).to.have.length(1);
  for (const { pid } of engines) process.kill(pid, "SIGKILL");
}

async function pluginsOf(engine: Engine): Promise<number> {
  return (await runningProcesses()).filter(({ command }) => command.includes(engine.pluginDir)).length;
}
