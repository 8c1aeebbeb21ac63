import { expect } from "chai";
import { parse } from "yaml";
import {
  renderBuildkitConfig,
  renderCniConfig,
  renderContainerdConfig,
  renderCorefile,
  renderKubeconfig,
  renderKubeletConfig,
} from "../../../local/node/configFiles.ts";
import { nodeSettings } from "../../../local/node/settings.ts";
import { localPaths } from "../../../local/support/paths.ts";

const settings = nodeSettings(
  localPaths({ SESSIONDB_INSTANCE: "unit", SESSIONDB_STATE: "/state", SESSIONDB_CACHE: "/cache" }),
  5,
);

describe("the node's configuration files", () => {
  it("give the API server's address on the instance's own link", () => {
    const kubeconfig = parse(
      renderKubeconfig(settings, "admin", { authority: "CA", certificate: "CRT", key: "KEY" }),
    ) as {
      clusters: { cluster: Record<string, string> }[];
      users: { user: Record<string, string> }[];
    };
    expect(kubeconfig.clusters[0]!.cluster.server).to.equal("https://10.213.5.2:6443");
    expect(kubeconfig.users[0]!.user["client-key-data"]).to.equal(Buffer.from("KEY").toString("base64"));
  });

  it("keep the kubelet's pods below a control group of the instance and accept version 1 of them", () => {
    const kubelet = parse(renderKubeletConfig(settings)) as Record<string, unknown>;
    expect(kubelet).to.include({ cgroupRoot: "/sessiondb-unit", failCgroupV1: false, address: "10.213.5.2" });
    expect(kubelet.authentication).to.deep.include({ anonymous: { enabled: false } });
  });

  it("let BuildKit store images where the kubelet looks for them", () => {
    expect(renderBuildkitConfig(settings))
      .to.include('namespace = "k8s.io"')
      .and.to.include("/run/sessiondb/unit/containerd/containerd.sock");
    expect(renderContainerdConfig(settings)).to.include(
      'address = "/run/sessiondb/unit/containerd/containerd.sock"',
    );
  });

  it("route between pods instead of bridging, which needs no kernel module", () => {
    const cni = JSON.parse(renderCniConfig()) as { plugins: { type: string }[] };
    expect(cni.plugins.map((plugin) => plugin.type)).to.deep.equal(["ptp", "portmap"]);
  });

  it("answer names on the node's address only", () => {
    expect(renderCorefile(settings)).to.include("bind 10.213.5.2");
  });
});
