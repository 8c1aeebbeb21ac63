import { join } from "node:path";
import type { LocalPaths } from "../support/paths.ts";

/** Name of the one node, and of the kube context in the kubeconfig. */
export const NODE_NAME = "sessiondb-local";

/** Images that the node itself needs; they are made on this machine. */
export const BUSYBOX_IMAGE = "sessiondb.local/busybox:1";

/** Addresses inside the node's own network namespace. They are the same for every instance: nobody else sees them. */
export const POD_CIDR = "10.244.0.0/24";
export const SERVICE_CIDR = "10.96.0.0/16";
export const KUBERNETES_SERVICE_ADDRESS = "10.96.0.1";
export const API_SERVER_PORT = 6443;

/** Folders, sockets and addresses of one embedded instance. */
export interface NodeSettings {
  readonly instance: string;
  /** Network interface on the machine's side; its peer inside the node is eth0. */
  readonly interfaceName: string;
  /** The machine's end of the link. */
  readonly hostAddress: string;
  /** The node's end of the link: API server, kubelet and CoreDNS answer here. */
  readonly nodeAddress: string;
  readonly directories: {
    readonly state: string;
    readonly run: string;
    readonly pki: string;
    readonly config: string;
    readonly logs: string;
    /** What the node sees as /var/log. */
    readonly podLogs: string;
    readonly etcd: string;
    readonly containerd: string;
    readonly buildkit: string;
    readonly kubelet: string;
    /** Data of the persistent volumes. */
    readonly volumes: string;
  };
  readonly containerdSocket: string;
  readonly buildkitSocket: string;
  /** For people and for the program: talks to the API server as cluster administrator. */
  readonly kubeconfig: string;
}

/**
 * Derives the settings of an instance.
 *
 * @param slot which of the 256 link networks 10.213.SLOT.0/30 the instance uses; see `allocateSlot`.
 */
export function nodeSettings(paths: LocalPaths, slot: number): NodeSettings {
  const state = join(paths.state, "node");
  return {
    instance: paths.instance,
    interfaceName: `sessiondb${slot}`,
    hostAddress: `10.213.${slot}.1`,
    nodeAddress: `10.213.${slot}.2`,
    directories: {
      state,
      run: paths.run,
      pki: join(state, "pki"),
      config: join(state, "config"),
      logs: join(state, "logs"),
      podLogs: join(state, "pod-logs"),
      etcd: join(state, "etcd"),
      containerd: join(state, "containerd"),
      buildkit: join(state, "buildkit"),
      kubelet: join(state, "kubelet"),
      volumes: join(state, "volumes"),
    },
    containerdSocket: join(paths.run, "containerd", "containerd.sock"),
    buildkitSocket: join(paths.run, "buildkitd.sock"),
    kubeconfig: join(paths.state, "kubeconfig"),
  };
}
