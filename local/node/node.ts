import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ensureNodeImages } from "../images/localImages.ts";
import { isAccessible } from "../support/accessible.ts";
import type { Reporter } from "../support/report.ts";
import { waitFor } from "../support/waitFor.ts";
import { renderAddons, renderHelperPod } from "./addons.ts";
import { ensureCertificates } from "./certificates.ts";
import { createCgroups, removeCgroups } from "./cgroups.ts";
import { controlPlaneComponents, imageComponents, workerComponents } from "./components.ts";
import {
  renderBuildkitConfig,
  renderCniConfig,
  renderContainerdConfig,
  renderCorefile,
  renderKubeconfig,
  renderKubeletConfig,
  renderKubeProxyConfig,
  renderProvisionerConfig,
} from "./configFiles.ts";
import { logFile, signalComponent, startComponent, writeConfig } from "./processes.ts";
import { enterArguments, sandboxPid, startSandbox, stopSandbox } from "./sandbox.ts";
import { NODE_NAME, type NodeSettings } from "./settings.ts";

const START_TIMEOUT_SECONDS = 120;
/** How long containers get to end by themselves on `down`; Redis saves within this time. */
const STOP_TIMEOUT_SECONDS = 20;

/** Kubeconfigs by file name: which certificate each part of the cluster uses. */
const KUBECONFIGS: Readonly<Record<string, string>> = {
  "kubelet.kubeconfig": "kubelet",
  "controller-manager.kubeconfig": "controller-manager",
  "scheduler.kubeconfig": "scheduler",
  "proxy.kubeconfig": "proxy",
  "dns.kubeconfig": "admin",
  "provisioner.kubeconfig": "admin",
};

async function writeConfigs(settings: NodeSettings): Promise<void> {
  const { pki } = settings.directories;
  const pem = (name: string): Promise<string> => readFile(join(pki, name), "utf8");
  const kubeconfigFor = async (certificate: string): Promise<string> =>
    renderKubeconfig(settings, certificate, {
      authority: await pem("ca.crt"),
      certificate: await pem(`${certificate}.crt`),
      key: await pem(`${certificate}.key`),
    });
  for (const [file, certificate] of Object.entries(KUBECONFIGS)) {
    await writeConfig(settings, file, await kubeconfigFor(certificate), 0o600);
  }
  // The administrator's file lies beside the node's folder, where its users look for it.
  await writeConfig(settings, join("..", "..", "kubeconfig"), await kubeconfigFor("admin"), 0o600);
  await writeConfig(settings, "containerd.toml", renderContainerdConfig(settings));
  await writeConfig(settings, "buildkitd.toml", renderBuildkitConfig(settings));
  await writeConfig(settings, join("cni", "10-sessiondb.conflist"), renderCniConfig());
  await writeConfig(settings, "kubelet.yaml", renderKubeletConfig(settings));
  await writeConfig(settings, "kube-proxy.yaml", renderKubeProxyConfig(settings));
  await writeConfig(settings, "Corefile", renderCorefile(settings));
  await writeConfig(settings, "provisioner.json", renderProvisionerConfig(settings));
  await writeConfig(settings, "helper-pod.yaml", renderHelperPod());
  await writeConfig(settings, "addons.yaml", renderAddons());
  await writeConfig(settings, "resolv.conf", "");
}

function kubectl(
  settings: NodeSettings,
  tools: string,
  args: readonly string[],
): Promise<{ stdout: string }> {
  return execa(join(tools, "kubectl"), ["--kubeconfig", settings.kubeconfig, ...args]);
}

/** The node is ready once its kubelet of this start has said so: the stored condition may be from the last one. */
async function nodeReady(settings: NodeSettings, tools: string, since: number): Promise<true | undefined> {
  const { stdout } = await kubectl(settings, tools, ["get", "node", NODE_NAME, "--output", "json"]);
  const node = JSON.parse(stdout) as {
    status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] };
  };
  const ready = node.status.conditions.find((condition) => condition.type === "Ready");
  if (ready?.status !== "True") return undefined;
  return Date.parse(ready.lastHeartbeatTime) >= since - 1000 ? true : undefined;
}

/** Starts the node, or whatever of it is not running, and waits until it takes pods. */
export async function startNode(settings: NodeSettings, tools: string, reporter: Reporter): Promise<void> {
  const sources = { settings, tools };
  const running = await sandboxPid(settings);
  const since = Date.now();
  if (running === undefined) {
    // Whatever a killed run or a reboot left in the run folder (sockets, pid files) belongs to no process.
    await rm(settings.directories.run, { recursive: true, force: true });
    await removeCgroups(settings);
  }
  await reporter.phase("node: certificates and configuration", async () => {
    await ensureCertificates(settings);
    await writeConfigs(settings);
    await createCgroups(settings);
  });
  const sandbox = running ?? (await startSandbox(settings));
  await reporter.phase("node: containerd, BuildKit, etcd and API server", async () => {
    for (const component of [...imageComponents(sources), ...controlPlaneComponents(sources)]) {
      await startComponent(settings, sandbox, component);
    }
    const store = {
      buildctl: join(tools, "buildctl"),
      buildkitSocket: settings.buildkitSocket,
      containerdSocket: settings.containerdSocket,
    };
    await waitFor(async () => ((await isAccessible(settings.containerdSocket)) ? true : undefined), {
      what: "containerd",
      timeoutSeconds: START_TIMEOUT_SECONDS,
      hint: logFile(settings, "containerd"),
    });
    await waitFor(async () => ((await isAccessible(settings.buildkitSocket)) ? true : undefined), {
      what: "BuildKit",
      timeoutSeconds: START_TIMEOUT_SECONDS,
      hint: logFile(settings, "buildkitd"),
    });
    await ensureNodeImages(store);
    await waitFor(
      async () =>
        (await kubectl(settings, tools, ["get", "--raw", "/readyz"])).stdout === "ok" ? true : undefined,
      {
        what: "the API server",
        timeoutSeconds: START_TIMEOUT_SECONDS,
        hint: logFile(settings, "kube-apiserver"),
      },
    );
  });
  await reporter.phase("node: ready", async () => {
    await kubectl(settings, tools, ["apply", "--filename", join(settings.directories.config, "addons.yaml")]);
    for (const component of workerComponents(sources)) await startComponent(settings, sandbox, component);
    await waitFor(
      () => (running === undefined ? nodeReady(settings, tools, since) : nodeReady(settings, tools, 0)),
      {
        what: "the node to become ready",
        timeoutSeconds: START_TIMEOUT_SECONDS,
        hint: logFile(settings, "kubelet"),
      },
    );
  });
}

/** Names of the containers that run on the node, without the pods' sandboxes. */
async function runningTasks(settings: NodeSettings, sandbox: number): Promise<string[]> {
  const ctr = ["ctr", "--address", settings.containerdSocket, "--namespace", "k8s.io", "tasks", "list"];
  const list = await execa("nsenter", [...enterArguments(sandbox), ...ctr], { reject: false });
  return list.stdout
    .split("\n")
    .filter((line) => line.includes("RUNNING"))
    .map((line) => line.split(/\s+/)[0] ?? "");
}

/**
 * Stops the node: first whatever would start containers again, then every container by its own stop signal so
 * that Redis can save, then the rest with its namespaces.
 */
export async function stopNode(settings: NodeSettings, reporter: Reporter): Promise<boolean> {
  const sandbox = await sandboxPid(settings);
  if (sandbox !== undefined) {
    await reporter.phase("stop containers", async () => {
      for (const name of ["kubelet", "kube-controller-manager", "kube-scheduler"]) {
        await signalComponent(settings, sandbox, name, "KILL");
      }
      const ctr = [
        "ctr",
        "--address",
        settings.containerdSocket,
        "--namespace",
        "k8s.io",
        "tasks",
        "kill",
        "--signal",
        "SIGTERM",
      ];
      for (const task of await runningTasks(settings, sandbox)) {
        await execa("nsenter", [...enterArguments(sandbox), ...ctr, task], { reject: false });
      }
      await waitFor(async () => ((await runningTasks(settings, sandbox)).length === 0 ? true : undefined), {
        what: "the containers to end",
        timeoutSeconds: STOP_TIMEOUT_SECONDS,
        intervalMs: 300,
      }).catch((error: unknown) => reporter.detail(`${String(error)} Ending them now.`));
      await signalComponent(settings, sandbox, "kube-apiserver", "TERM");
      await signalComponent(settings, sandbox, "etcd", "TERM");
    });
  }
  await stopSandbox(settings);
  await waitFor(() => removeCgroups(settings).then(() => true as const), {
    what: "the node's control groups to empty",
    timeoutSeconds: 15,
  });
  await rm(settings.directories.run, { recursive: true, force: true });
  return sandbox !== undefined;
}
