import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeconfigText } from "./kubeconfigText.ts";
import { ApiClient } from "../../../local/plugins/kubernetes/apiClient.ts";
import { loadClusterAccess } from "../../../local/plugins/kubernetes/kubeconfig.ts";
import { eventually, freePort, startProgram, stopProgram } from "./processes.ts";
import { findTool } from "./tools.ts";

/** Controllers that the tests' objects need; the others only cost time. */
const CONTROLLERS = [
  "cronjob-controller",
  "deployment-controller",
  "garbage-collector-controller",
  "job-controller",
  "namespace-controller",
  "persistentvolume-binder-controller",
  "persistentvolumeclaim-protection-controller",
  "replicaset-controller",
  "serviceaccount-controller",
  "statefulset-controller",
];

/** A Kubernetes API with its controllers and without any node. */
export interface ControlPlane {
  readonly kubeconfigPath: string;
  /** Contents of the kubeconfig. */
  readonly kubeconfig: string;
  /** Talks to the API beside the engine, to look at objects and to disturb them. */
  readonly api: ApiClient;
  stop(): Promise<void>;
}

/** Starts etcd, the API server and the controller manager on free ports; the caller stops them. */
export async function startControlPlane(): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), "sessiondb-control-plane-"));
  const programs: ChildProcess[] = [];
  const start = (name: string, path: string, args: readonly string[]): void => {
    programs.push(startProgram(path, args, join(directory, `${name}.log`)));
  };
  const stop = async (): Promise<void> => {
    // The API server flushes to etcd while it ends, so that etcd has to be the last one.
    for (const program of programs.reverse()) await stopProgram(program);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const token = randomUUID();
    const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
    await writeKeys(directory, token);
    start("etcd", findTool("etcd", "server"), etcdFlags(directory, etcdPort, peerPort));
    start("kube-apiserver", findTool("kube-apiserver"), apiServerFlags(directory, etcdPort, apiPort));
    const kubeconfigPath = join(directory, "kubeconfig");
    const kubeconfig = await eventually("the API server's certificate", async () =>
      kubeconfigText(
        `https://127.0.0.1:${apiPort}`,
        await readFile(join(directory, "certs", "apiserver.crt")),
        token,
      ),
    );
    await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
    start("kube-controller-manager", findTool("kube-controller-manager"), controllerFlags(directory));
    const access = loadClusterAccess({
      kubeconfig: kubeconfigPath,
      secretsMutable: false,
      configMapsMutable: false,
      forceConflicts: false,
      upsertsExisting: false,
      pending: false,
    });
    const api = new ApiClient(access, new AbortController().signal);
    await eventually("a ready Kubernetes API", async () => api.call("GET", "/api/v1/namespaces/default"));
    return { kubeconfigPath, kubeconfig, api, stop };
  } catch (error) {
    const log = await readFile(join(directory, "kube-apiserver.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`the control plane did not start; end of the API server's log:\n${log.slice(-3000)}`, {
      cause: error,
    });
  }
}

async function writeKeys(directory: string, token: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await writeFile(join(directory, "sa.key"), privateKey, { mode: 0o600 });
  await writeFile(join(directory, "sa.pub"), publicKey);
  await writeFile(join(directory, "tokens.csv"), `${token},tests,tests,system:masters\n`, { mode: 0o600 });
}

function etcdFlags(directory: string, port: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(directory, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    // The data lives for one test file: durability would only slow it down.
    "--unsafe-no-fsync=true",
  ];
}

function apiServerFlags(directory: string, etcdPort: number, port: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--cert-dir=${join(directory, "certs")}`,
    `--token-auth-file=${join(directory, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/24",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(directory, "sa.pub")}`,
    `--service-account-signing-key-file=${join(directory, "sa.key")}`,
  ];
}

function controllerFlags(directory: string): string[] {
  return [
    `--kubeconfig=${join(directory, "kubeconfig")}`,
    `--controllers=${CONTROLLERS.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
    `--service-account-private-key-file=${join(directory, "sa.key")}`,
  ];
}
