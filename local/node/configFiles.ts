import { join } from "node:path";
import { stringify } from "yaml";
import { API_SERVER_PORT, BUSYBOX_IMAGE, NODE_NAME, POD_CIDR, type NodeSettings } from "./settings.ts";

/** Address of the API server as every part and every user of the cluster sees it. */
export function apiServerUrl(settings: NodeSettings): string {
  return `https://${settings.nodeAddress}:${API_SERVER_PORT}`;
}

/** A kubeconfig that embeds its credentials, so that the file alone is enough. */
export function renderKubeconfig(
  settings: NodeSettings,
  user: string,
  credentials: { readonly authority: string; readonly certificate: string; readonly key: string },
): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: NODE_NAME,
        cluster: {
          server: apiServerUrl(settings),
          "certificate-authority-data": base64(credentials.authority),
        },
      },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(credentials.certificate),
          "client-key-data": base64(credentials.key),
        },
      },
    ],
    contexts: [{ name: NODE_NAME, context: { cluster: NODE_NAME, user } }],
    "current-context": NODE_NAME,
  });
}

/** containerd's configuration. */
export function renderContainerdConfig(settings: NodeSettings): string {
  return `version = 2
root = "${settings.directories.containerd}"
state = "${join(settings.directories.run, "containerd")}"
# Only what a Kubernetes node needs; the others log errors on machines without their file systems.
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${settings.containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${BUSYBOX_IMAGE}"
  # Without CAP_SYS_RESOURCE the kernel refuses a lower score, and every pod would die of it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(settings.directories.config, "cni")}"
`;
}

/**
 * Pod network: one point-to-point link per pod instead of a bridge. Packets between pods are then always
 * routed, so Service addresses work without the br_netfilter kernel module.
 */
export function renderCniConfig(): string {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: POD_CIDR }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const plugins = [
    { type: "ptp", ipMasq: true, ipam },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: "0.4.0", name: "sessiondb", plugins }, undefined, 2);
}

/** The kubelet's configuration. */
export function renderKubeletConfig(settings: NodeSettings): string {
  const { pki, config } = settings.directories;
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    address: settings.nodeAddress,
    tlsCertFile: join(pki, "kubelet.crt"),
    tlsPrivateKeyFile: join(pki, "kubelet.key"),
    clusterDomain: "cluster.local",
    clusterDNS: [settings.nodeAddress],
    resolvConf: join(config, "resolv.conf"),
    containerRuntimeEndpoint: `unix://${settings.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroupName(settings)}`,
    failCgroupV1: false,
    failSwapOn: false,
    // A developer's disk is often nearly full; evicting the database for that helps nobody.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    maxPods: 200,
    volumePluginDir: join(settings.directories.kubelet, "volume-plugins"),
    serializeImagePulls: false,
    // Pods may be told from the API server only through watches; poll often so that deletion and readiness are seen at once.
    syncFrequency: "10s",
    fileCheckFrequency: "20s",
    nodeStatusUpdateFrequency: "4s",
  });
}

/** Name of the control group below which the kubelet puts its pods. */
export function cgroupName(settings: NodeSettings): string {
  return `sessiondb-${settings.instance}`;
}

/** kube-proxy's configuration. */
export function renderKubeProxyConfig(settings: NodeSettings): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clusterCIDR: POD_CIDR,
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig: join(settings.directories.config, "proxy.kubeconfig") },
    // Kernel-wide limits cannot be set from a network namespace.
    conntrack: { maxPerCore: 0 },
    iptables: { minSyncPeriod: "200ms" },
  });
}

/** CoreDNS answers for the cluster's own names only: nothing on this node resolves names of the outside. */
export function renderCorefile(settings: NodeSettings): string {
  return `.:53 {
  bind ${settings.nodeAddress}
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${join(settings.directories.config, "dns.kubeconfig")} ${NODE_NAME}
    pods insecure
    ttl 5
  }
  cache 5
}
`;
}

/** BuildKit stores finished images where the kubelet finds them: in containerd's namespace k8s.io. */
export function renderBuildkitConfig(settings: NodeSettings): string {
  return `root = "${settings.directories.buildkit}"
[grpc]
  address = [ "unix://${settings.buildkitSocket}" ]
[worker.oci]
  enabled = false
[worker.containerd]
  enabled = true
  address = "${settings.containerdSocket}"
  namespace = "k8s.io"
  gc = false
`;
}

/** The volume provisioner keeps each claim in a folder of its own below the instance's state. */
export function renderProvisionerConfig(settings: NodeSettings): string {
  return JSON.stringify({
    nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [settings.directories.volumes] }],
  });
}
