import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { waitFor } from "../../local/support/waitFor.ts";
import { changesOf, createInstance, type Instance } from "./support/instance.ts";

const NAMESPACE = "sessiondb-staging";

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

describe("a deployment that was broken and then killed", () => {
  let instance: Instance;
  before(async () => {
    instance = await createInstance("e2e-broken");
  });
  after("remove the instance", () => instance.remove());

  const pods = (): Promise<PodList> => instance.get<PodList>("pods", "--namespace", NAMESPACE);

  it("leaves pods that no node takes, and is killed while it waits for them", async () => {
    const broken = await instance.stackFile("staging", {
      "sessiondb:placement": { nodeSelector: { "no-such-label": "x" } },
    });
    const command = spawn("./sessiondb", ["up", "staging", "--config-file", broken], {
      env: { ...process.env, ...instance.env, KUBECONFIG: "" },
      // A group of its own, so that engine and plugins die with the command.
      detached: true,
      stdio: "ignore",
    });
    const ended = once(command, "exit");
    await waitFor(
      async () => {
        const { items } = await pods();
        const stuck = items.filter(({ status }) =>
          status.conditions?.some(({ type, status: value }) => type === "PodScheduled" && value === "False"),
        );
        // Three Redis, three Sentinels, the cache.
        return stuck.length >= 7 ? true : undefined;
      },
      { what: "the pods to wait for a node", timeoutSeconds: 180, intervalMs: 500 },
    );
    process.kill(-command.pid!, "SIGKILL");
    await ended;
    const ready = (await pods()).items.filter(
      ({ metadata, status }) =>
        metadata.name.startsWith("redis-") &&
        status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
    );
    expect(ready).to.deep.equal([]);
  });

  it("converges with the mended configuration, without a hand on the cluster", async () => {
    await instance.run("up", "staging");
    const { items } = await pods();
    const ready = items.filter(({ status }) =>
      status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
    );
    expect(ready.map(({ metadata }) => metadata.name).sort()).to.include.members([
      "redis-0",
      "redis-1",
      "redis-2",
      "sentinel-0",
    ]);
  });

  it("has made nothing twice, and has nothing left to change", async () => {
    const maps = await instance.get<{ items: { metadata: { name: string } }[] }>(
      "configmaps",
      "--namespace",
      NAMESPACE,
    );
    const names = maps.items.map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/, ""));
    expect(new Set(names).size, names.join(", ")).to.equal(names.length);
    expect(Object.keys(changesOf(await instance.run("up", "staging")))).to.deep.equal(["same"]);
  });
});
