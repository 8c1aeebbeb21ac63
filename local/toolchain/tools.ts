/**
 * The programs a bare machine lacks, built from their Go modules. `main/go.mod` and `aux/go.mod` pin every
 * version; two modules, because the volume provisioner needs an older Kubernetes client than the rest.
 */

/** One program to build: its Go package and the name it gets in the cache. */
export interface Tool {
  readonly name: string;
  readonly goPackage: string;
}

/** Tools that share most of their packages and are therefore compiled by one command. */
export interface ToolGroup {
  readonly name: string;
  readonly module: "main" | "aux";
  readonly tools: readonly Tool[];
}

const kubernetes = (name: string): Tool => ({ name, goPackage: `k8s.io/kubernetes/cmd/${name}` });

/** In build order: the first group is by far the largest and warms the compiler's cache for the others. */
export const TOOL_GROUPS: readonly ToolGroup[] = [
  {
    name: "kubernetes",
    module: "main",
    tools: [
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"].map(kubernetes),
      { name: "etcd", goPackage: "go.etcd.io/etcd/server/v3" },
    ],
  },
  {
    name: "pulumi",
    module: "main",
    tools: [{ name: "pulumi", goPackage: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" }],
  },
  {
    name: "buildkit",
    module: "main",
    tools: [
      { name: "buildkitd", goPackage: "github.com/moby/buildkit/cmd/buildkitd" },
      { name: "buildctl", goPackage: "github.com/moby/buildkit/cmd/buildctl" },
    ],
  },
  { name: "coredns", module: "main", tools: [{ name: "coredns", goPackage: "github.com/coredns/coredns" }] },
  {
    name: "kubeconform",
    module: "main",
    tools: [{ name: "kubeconform", goPackage: "github.com/yannh/kubeconform/cmd/kubeconform" }],
  },
  {
    name: "local-path-provisioner",
    module: "aux",
    tools: [{ name: "local-path-provisioner", goPackage: "github.com/rancher/local-path-provisioner" }],
  },
];

const KUBERNETES_VERSION = "v1.34.4";
const PULUMI_VERSION = "v3.200.0";

/**
 * Linker settings of every tool. A setting for a package that a tool does not link is ignored, so one string
 * serves all; without them Kubernetes and Pulumi report placeholder versions.
 */
export const LINKER_FLAGS = [
  "-s",
  "-w",
  ...["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    `-X ${path}.gitVersion=${KUBERNETES_VERSION}`,
    `-X ${path}.gitMajor=1`,
    `-X ${path}.gitMinor=34`,
    `-X ${path}.gitTreeState=clean`,
  ]),
  `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${PULUMI_VERSION}`,
].join(" ");
