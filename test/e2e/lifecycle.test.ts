import { readdir, readFile } from "node:fs/promises";
import { expect } from "chai";
import { execa } from "execa";
import { waitFor } from "../../local/support/waitFor.ts";
import { createInstance, type Instance } from "./support/instance.ts";

/** What a node could leave behind on the machine. */
interface MachineState {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  readonly iptables: string;
  readonly controlGroups: readonly string[];
}

async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(text)).map((line) => line.replaceAll("\0", " "));
}

async function machineState(instance: Instance): Promise<MachineState> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n");
  const groups = await execa("find", ["/sys/fs/cgroup", "-name", "sessiondb-e2e-life*"]);
  return {
    processes: await processesNaming(instance.state),
    mounts: mounts.filter(
      (line) => line.includes(instance.state) || line.includes("/run/sessiondb/e2e-life"),
    ),
    interfaces: (await readdir("/sys/class/net")).sort(),
    iptables: (await execa("iptables-save")).stdout.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, ""),
    controlGroups: groups.stdout.split("\n").filter(Boolean),
  };
}

describe("the embedded cluster", () => {
  let instance: Instance;
  let untouched: MachineState;

  beforeEach(async () => {
    instance = await createInstance("e2e-life");
    untouched = await machineState(instance);
  });
  afterEach(() => instance.remove());

  it("leaves no process, mount, interface, iptables rule or control group behind", async () => {
    await instance.run("up", "dev");
    expect((await machineState(instance)).processes).not.to.deep.equal([]);
    await instance.run("down");
    expect(await machineState(instance)).to.deep.equal(untouched);
  });

  it("starts again over what a killed run left, with its data", async () => {
    await instance.run("up", "dev");
    const record = JSON.parse(await readFile("/run/sessiondb/e2e-life/sandbox.json", "utf8")) as {
      pid: number;
    };
    process.kill(record.pid, "SIGKILL");
    await waitFor(async () => ((await processesNaming(instance.state)).length === 0 ? true : undefined), {
      what: "every process of the node to end with its init",
      timeoutSeconds: 30,
    });
    const again = await instance.run("up", "dev");
    expect(again.stdout).to.include("sessiondb-dev");
    const pods = await instance.get<{ items: unknown[] }>("pods", "--namespace", "sessiondb-dev");
    expect(pods.items).not.to.deep.equal([]);
  });

  it("is started once by two commands at the same time", async () => {
    const [first, second] = await Promise.all([instance.run("up", "dev"), instance.run("up", "dev")]);
    expect(first.exitCode).to.equal(0);
    expect(second.exitCode).to.equal(0);
  });

  it("does not stop a cluster that it did not start", async () => {
    const refused = await execa("./sessiondb", ["down"], {
      env: { ...instance.env, KUBECONFIG: "/etc/kubernetes/someone-elses.conf" },
      stdin: "ignore",
      reject: false,
    });
    expect(refused.exitCode).to.equal(2);
    expect(refused.stderr).to.include("not ours to stop");
  });
});
