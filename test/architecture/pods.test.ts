import { expect } from "chai";
import { exposedSecrets, podTemplates, unbounded, unhardened } from "../helpers/podRules.ts";
import type { PlainObject, Recorded } from "../helpers/pulumi.ts";
import { deployStack, STACKS } from "../helpers/stacks.ts";

const ENVELOPE: PlainObject = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value: "hidden",
};

/** A workload with the given pod. */
function workload(spec: PlainObject, kind = "Deployment"): Recorded {
  const template = { spec };
  return {
    type: `kubernetes:apps/v1:${kind}`,
    name: "bad",
    urn: "urn",
    parent: "",
    inputs: { spec: kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { template } },
    custom: true,
    isRead: false,
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
    dependencies: [],
    provider: "",
    outputs: undefined,
  };
}

describe("every pod of a committed stack", () => {
  for (const stack of STACKS) {
    it(`of ${stack} is hardened as Pod Security "restricted" demands and beyond`, async () => {
      const pods = podTemplates((await deployStack(stack)).resources);
      expect(pods.length).to.be.greaterThan(4);
      expect(unhardened(pods)).to.deep.equal([]);
    });

    it(`of ${stack} has requests, a memory limit, and probes where it stays up`, async () => {
      expect(unbounded(podTemplates((await deployStack(stack)).resources))).to.deep.equal([]);
    });

    it(`of ${stack} gets secrets as files only`, async () => {
      expect(exposedSecrets(podTemplates((await deployStack(stack)).resources))).to.deep.equal([]);
    });
  }
});

describe("the rules about pods", () => {
  const bad = podTemplates([
    workload({
      hostNetwork: true,
      serviceAccountName: "default",
      volumes: [{ name: "host", hostPath: { path: "/" } }],
      initContainers: [{ name: "first", securityContext: { privileged: true } }],
      containers: [
        {
          name: "main",
          command: ["redis-cli", "-a", "x"],
          args: [ENVELOPE],
          ports: [{ containerPort: 80, hostPort: 80 }],
          env: [
            { name: "OPEN", value: "fine" },
            { name: "HIDDEN", value: ENVELOPE },
            { name: "REFERRED", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          ],
          envFrom: [{ secretRef: { name: "s" } }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsUser: 0,
            capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] },
          },
        },
      ],
    }),
  ]);

  for (const problem of [
    "Deployment bad: hostNetwork is on",
    "Deployment bad: has a volume of kind hostPath",
    "Deployment bad: runs as the default ServiceAccount",
    "Deployment bad: automountServiceAccountToken is undefined, expected false",
    "Deployment bad: securityContext.seccompProfile.type is undefined, expected RuntimeDefault",
    "Deployment bad, container first: is privileged",
    "Deployment bad, container first: does not drop all capabilities",
    "Deployment bad, container main: adds the capability SYS_ADMIN",
    "Deployment bad, container main: takes the host's port 80",
    "Deployment bad, container main: may run as root",
  ]) {
    it(`see that a pod ${problem.replace("Deployment bad", "").replace(/^[:,] /, "")}`, () => {
      expect(unhardened(bad)).to.include(problem);
    });
  }

  it("see missing resources and probes, the latter not where a container ends by itself", () => {
    const found = unbounded(bad);
    expect(found).to.include("Deployment bad, container main: no resources.limits.memory");
    expect(found).to.include("Deployment bad, container main: no livenessProbe");
    expect(found).to.include("Deployment bad, container first: no resources.requests.cpu");
    expect(found).not.to.include("Deployment bad, container first: no livenessProbe");
    const job = podTemplates([workload({ containers: [{ name: "main" }] }, "CronJob")]);
    expect(unbounded(job).join("\n")).to.include("no resources").and.not.to.include("Probe");
  });

  it("want probes of a sidecar that Kubernetes lists among the init containers", () => {
    const pods = podTemplates([workload({ initContainers: [{ name: "sidecar", restartPolicy: "Always" }] })]);
    expect(unbounded(pods)).to.include("Deployment bad, container sidecar: no readinessProbe");
  });

  it("see secrets in environment and arguments", () => {
    expect(exposedSecrets(bad)).to.have.members([
      "Deployment bad, container main: secret in the environment variable HIDDEN",
      "Deployment bad, container main: secret in the environment variable REFERRED",
      "Deployment bad, container main: a whole Secret in the environment",
      "Deployment bad, container main: a password after the argument -a",
      "Deployment bad, container main: a secret among the arguments",
    ]);
  });
});
