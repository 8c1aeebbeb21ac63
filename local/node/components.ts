import { join } from "node:path";
import { API_SERVER_PORT, BUSYBOX_IMAGE, NODE_NAME, SERVICE_CIDR, type NodeSettings } from "./settings.ts";

/** A long-running program of the node. */
export interface NodeComponent {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Namespace of the volume provisioner's short-lived helper pods. */
export const PROVISIONER_NAMESPACE = "local-path-storage";
export const PROVISIONER_NAME = "sessiondb.local/path";

/** Where the programs come from: built tools and the machine's own. */
export interface ComponentSources {
  readonly settings: NodeSettings;
  /** Folder of the built tools. */
  readonly tools: string;
}

function etcd({ settings, tools }: ComponentSources): NodeComponent {
  return {
    name: "etcd",
    command: [
      join(tools, "etcd"),
      `--data-dir=${settings.directories.etcd}`,
      "--listen-client-urls=http://127.0.0.1:2379",
      "--advertise-client-urls=http://127.0.0.1:2379",
      "--listen-peer-urls=http://127.0.0.1:2380",
      "--initial-advertise-peer-urls=http://127.0.0.1:2380",
      "--initial-cluster=default=http://127.0.0.1:2380",
      "--auto-compaction-retention=1",
    ],
  };
}

function apiServer({ settings, tools }: ComponentSources): NodeComponent {
  const pki = (file: string): string => join(settings.directories.pki, file);
  return {
    name: "kube-apiserver",
    command: [
      join(tools, "kube-apiserver"),
      "--etcd-servers=http://127.0.0.1:2379",
      `--advertise-address=${settings.nodeAddress}`,
      `--bind-address=0.0.0.0`,
      `--secure-port=${API_SERVER_PORT}`,
      `--service-cluster-ip-range=${SERVICE_CIDR}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
      `--client-ca-file=${pki("ca.crt")}`,
      `--tls-cert-file=${pki("apiserver.crt")}`,
      `--tls-private-key-file=${pki("apiserver.key")}`,
      `--kubelet-client-certificate=${pki("admin.crt")}`,
      `--kubelet-client-key=${pki("admin.key")}`,
      `--kubelet-certificate-authority=${pki("ca.crt")}`,
      // By address, so that the node's name needs no entry in /etc/hosts.
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${pki("service-account.pub")}`,
      `--service-account-signing-key-file=${pki("service-account.key")}`,
      `--requestheader-client-ca-file=${pki("ca.crt")}`,
      "--requestheader-allowed-names=front-proxy",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      `--proxy-client-cert-file=${pki("front-proxy.crt")}`,
      `--proxy-client-key-file=${pki("front-proxy.key")}`,
      // A small node: fewer goroutines and a smaller cache are plenty.
      "--profiling=false",
      "--event-ttl=1h",
    ],
  };
}

function controllerManager({ settings, tools }: ComponentSources): NodeComponent {
  const { pki, config } = settings.directories;
  const kubeconfig = join(config, "controller-manager.kubeconfig");
  return {
    name: "kube-controller-manager",
    command: [
      join(tools, "kube-controller-manager"),
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${join(pki, "service-account.key")}`,
      `--root-ca-file=${join(pki, "ca.crt")}`,
      `--cluster-signing-cert-file=${join(pki, "ca.crt")}`,
      `--cluster-signing-key-file=${join(pki, "ca.key")}`,
      `--service-cluster-ip-range=${SERVICE_CIDR}`,
      "--use-service-account-credentials",
      "--leader-elect=false",
    ],
  };
}

function scheduler({ settings, tools }: ComponentSources): NodeComponent {
  const kubeconfig = join(settings.directories.config, "scheduler.kubeconfig");
  return {
    name: "kube-scheduler",
    command: [
      join(tools, "kube-scheduler"),
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
    ],
  };
}

function kubelet({ settings, tools }: ComponentSources): NodeComponent {
  const { config, kubelet: root } = settings.directories;
  return {
    name: "kubelet",
    command: [
      join(tools, "kubelet"),
      `--config=${join(config, "kubelet.yaml")}`,
      `--kubeconfig=${join(config, "kubelet.kubeconfig")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${settings.nodeAddress}`,
      `--root-dir=${root}`,
      "--node-labels=topology.kubernetes.io/zone=local",
    ],
  };
}

/** containerd and BuildKit come first: the node's images are made before the kubelet asks for them. */
export function imageComponents({ settings, tools }: ComponentSources): NodeComponent[] {
  const { config } = settings.directories;
  return [
    { name: "containerd", command: ["/usr/bin/containerd", `--config=${join(config, "containerd.toml")}`] },
    { name: "buildkitd", command: [join(tools, "buildkitd"), `--config=${join(config, "buildkitd.toml")}`] },
  ];
}

/** The cluster's store and API server. */
export function controlPlaneComponents(sources: ComponentSources): NodeComponent[] {
  return [etcd(sources), apiServer(sources)];
}

/** Everything that talks to the API server. */
export function workerComponents(sources: ComponentSources): NodeComponent[] {
  const { settings, tools } = sources;
  const { config } = settings.directories;
  return [
    controllerManager(sources),
    scheduler(sources),
    { name: "coredns", command: [join(tools, "coredns"), "-conf", join(config, "Corefile")] },
    kubelet(sources),
    {
      name: "kube-proxy",
      command: [join(tools, "kube-proxy"), `--config=${join(config, "kube-proxy.yaml")}`],
    },
    {
      name: "local-path-provisioner",
      command: [
        join(tools, "local-path-provisioner"),
        "start",
        `--config=${join(config, "provisioner.json")}`,
        `--kubeconfig=${join(config, "provisioner.kubeconfig")}`,
        `--provisioner-name=${PROVISIONER_NAME}`,
        `--namespace=${PROVISIONER_NAMESPACE}`,
        `--configmap-name=provisioner-scripts`,
        `--service-account-name=provisioner`,
        `--helper-image=${BUSYBOX_IMAGE}`,
        `--helper-pod-file=${join(config, "helper-pod.yaml")}`,
      ],
    },
  ];
}
