import { expect } from "chai";
import {
  accountMount,
  accountVolume,
  commonPodSpec,
  resources,
  scratchVolume,
  spreadPodSpec,
} from "../../../components/podSpec.ts";
import { testConfig } from "../../helpers/config.ts";

const SELECTOR = {
  "app.kubernetes.io/name": "sessiondb",
  "app.kubernetes.io/instance": "sessiondb-test",
  "app.kubernetes.io/component": "redis",
};

describe("the pod spec", () => {
  it("takes node selector, tolerations and pull secrets from the configuration", () => {
    const config = testConfig({
      images: { pullSecrets: ["registry"] },
      placement: {
        nodeSelector: { disk: "ssd" },
        tolerations: [{ key: "dedicated", operator: "Equal", value: "redis", effect: "NoSchedule" }],
      },
    });
    const spec = commonPodSpec(config, "account");
    expect(spec.nodeSelector).to.deep.equal({ disk: "ssd" });
    expect(spec.tolerations).to.deep.equal([
      { key: "dedicated", operator: "Equal", value: "redis", effect: "NoSchedule" },
    ]);
    expect(spec.imagePullSecrets).to.deep.equal([{ name: "registry" }]);
    expect(spec.serviceAccountName).to.equal("account");
  });

  it("prefers different nodes and zones unless told otherwise", () => {
    const spec = spreadPodSpec(testConfig(), "redis");
    expect(spec.affinity).to.have.deep.property("podAntiAffinity", {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: { matchLabels: SELECTOR },
            topologyKey: "kubernetes.io/hostname",
          },
        },
      ],
    });
    expect(spec.topologySpreadConstraints).to.deep.equal([
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: SELECTOR },
      },
    ]);
  });

  it("insists on different nodes and zones where the configuration does", () => {
    const config = testConfig({ placement: { podAntiAffinity: "required", zoneSpread: "required" } });
    const spec = spreadPodSpec(config, "redis");
    expect(spec.affinity).to.have.deep.property("podAntiAffinity", {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: SELECTOR }, topologyKey: "kubernetes.io/hostname" },
      ],
    });
    expect(spec.topologySpreadConstraints).to.have.nested.property("[0].whenUnsatisfiable", "DoNotSchedule");
  });

  it("says nothing about either where both are off", () => {
    const config = testConfig({ placement: { podAntiAffinity: "off", zoneSpread: "off" } });
    expect(spreadPodSpec(config, "redis")).to.deep.equal({});
  });

  it("requests what it limits in memory, and limits CPU only on demand", () => {
    expect(resources("100m", "512Mi")).to.deep.equal({
      requests: { cpu: "100m", memory: "512Mi" },
      limits: { memory: "512Mi" },
    });
    expect(resources("100m", "512Mi", "2")).to.have.nested.property("limits.cpu", "2");
  });

  it("mounts an account's Secret read-only, readable by the pod's group alone", () => {
    expect(accountVolume("app")).to.deep.equal({
      name: "account-app",
      secret: { secretName: "account-app", defaultMode: 0o440 },
    });
    expect(accountMount("app")).to.deep.equal({
      name: "account-app",
      mountPath: "/etc/sessiondb/accounts/app",
      readOnly: true,
    });
  });

  it("bounds scratch space where a size is given", () => {
    expect(scratchVolume("tmp", "64Mi")).to.deep.equal({ name: "tmp", emptyDir: { sizeLimit: "64Mi" } });
    expect(scratchVolume("run")).to.deep.equal({ name: "run", emptyDir: {} });
  });
});
