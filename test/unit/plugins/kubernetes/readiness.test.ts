import { expect } from "chai";
import {
  definitionVerdict,
  namespaceVerdict,
} from "../../../../local/plugins/kubernetes/readiness/definitions.ts";
import { readinessCheck } from "../../../../local/plugins/kubernetes/readiness/readiness.ts";
import { serviceVerdict } from "../../../../local/plugins/kubernetes/readiness/services.ts";
import { claimVerdict } from "../../../../local/plugins/kubernetes/readiness/storage.ts";
import {
  daemonSetVerdict,
  deploymentVerdict,
  jobVerdict,
  podVerdict,
  statefulSetVerdict,
} from "../../../../local/plugins/kubernetes/readiness/workloads.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";

const CREATED = "2026-01-01T00:00:00Z";
const CREATED_MS = Date.parse(CREATED);

/** A workload whose controller has seen it. */
function workload(spec: JsonObject, status: JsonObject): JsonObject {
  return { metadata: { generation: 2 }, spec, status: { observedGeneration: 2, ...status } };
}

describe("a Deployment", () => {
  const done = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

  it("is ready when all replicas are new and available", () => {
    expect(deploymentVerdict(workload({ replicas: 2 }, done)).state).to.equal("ready");
    expect(deploymentVerdict(workload({ replicas: 0 }, {})).state).to.equal("ready");
  });

  it("waits for the controller, for availability, and for old replicas to go", () => {
    expect(deploymentVerdict({ metadata: { generation: 2 }, status: done }).state).to.equal("waiting");
    expect(deploymentVerdict(workload({ replicas: 2 }, { ...done, availableReplicas: 1 })).state).to.equal(
      "waiting",
    );
    expect(deploymentVerdict(workload({ replicas: 2 }, { ...done, replicas: 3 })).state).to.equal("waiting");
  });

  it("fails when its progress deadline passed", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "late" },
    ];
    expect(deploymentVerdict(workload({ replicas: 1 }, { conditions }))).to.deep.equal({
      state: "failed",
      reason: "ProgressDeadlineExceeded: late",
    });
  });
});

describe("a StatefulSet", () => {
  const rolled = {
    replicas: 3,
    readyReplicas: 3,
    updatedReplicas: 3,
    currentRevision: "b",
    updateRevision: "b",
  };

  it("is ready when all replicas are ready and rolled, or when there are none to be", () => {
    expect(statefulSetVerdict(workload({ replicas: 3 }, rolled)).state).to.equal("ready");
    expect(statefulSetVerdict(workload({ replicas: 0 }, {})).state).to.equal("ready");
  });

  it("waits while it rolls or is scaled down", () => {
    expect(statefulSetVerdict(workload({ replicas: 3 }, { ...rolled, currentRevision: "a" })).state).to.equal(
      "waiting",
    );
    expect(statefulSetVerdict(workload({ replicas: 2 }, rolled)).state).to.equal("waiting");
    expect(statefulSetVerdict(workload({ replicas: 3 }, { ...rolled, readyReplicas: 2 })).state).to.equal(
      "waiting",
    );
  });

  it("does not wait for a roll that someone else steers", () => {
    const status = { ...rolled, currentRevision: "a", updatedReplicas: 0 };
    for (const updateStrategy of [{ type: "OnDelete" }, { rollingUpdate: { partition: 2 } }]) {
      expect(statefulSetVerdict(workload({ replicas: 3, updateStrategy }, status)).state).to.equal("ready");
    }
  });
});

describe("a DaemonSet", () => {
  it("is ready when each node has an available pod of the newest version", () => {
    const status = { desiredNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 2 };
    expect(daemonSetVerdict(workload({}, status)).state).to.equal("ready");
    expect(daemonSetVerdict(workload({}, { ...status, updatedNumberScheduled: 1 })).state).to.equal(
      "waiting",
    );
    expect(daemonSetVerdict(workload({}, { ...status, numberAvailable: 1 })).state).to.equal("waiting");
  });
});

describe("a Job", () => {
  it("is ready when complete or suspended, waiting while it runs, and failed when it failed", () => {
    const conditions = (type: string) => ({
      conditions: [{ type, status: "True", reason: "R", message: "m" }],
    });
    expect(jobVerdict({ status: conditions("Complete") }).state).to.equal("ready");
    expect(jobVerdict({ spec: { suspend: true } }).state).to.equal("ready");
    expect(jobVerdict({ status: { active: 1 } }).state).to.equal("waiting");
    expect(jobVerdict({ status: conditions("Failed") })).to.deep.equal({
      state: "failed",
      reason: "the job failed: R: m",
    });
  });
});

describe("a Pod", () => {
  it("is ready when its condition says so or it ended well", () => {
    const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    expect(podVerdict({ status: ready }).state).to.equal("ready");
    expect(podVerdict({ status: { phase: "Succeeded" } }).state).to.equal("ready");
    expect(podVerdict({ status: { phase: "Running" } }).state).to.equal("waiting");
    expect(podVerdict({ status: { phase: "Failed", message: "evicted" } }).state).to.equal("failed");
  });
});

describe("a Service", () => {
  const service = { metadata: { creationTimestamp: CREATED }, spec: { selector: { app: "x" } } };
  const slice = (ready: boolean) => ({ endpoints: [{ conditions: { ready } }] });

  it("waits for a ready pod, but only for its first ten seconds", () => {
    expect(serviceVerdict(service, [slice(true)], CREATED_MS).state).to.equal("ready");
    expect(serviceVerdict(service, [slice(false)], CREATED_MS + 9_000).state).to.equal("waiting");
    expect(serviceVerdict(service, [], CREATED_MS + 11_000).state).to.equal("ready");
  });

  it("does not wait when it has no pods of its own to wait for", () => {
    for (const spec of [
      { ...service.spec, clusterIP: "None" },
      { ...service.spec, type: "ExternalName" },
      {},
    ]) {
      expect(serviceVerdict({ ...service, spec }, [], CREATED_MS).state).to.equal("ready");
    }
  });

  it("waits for a load balancer's address without end", () => {
    const balancer = { ...service, spec: { ...service.spec, type: "LoadBalancer" } };
    expect(serviceVerdict(balancer, [slice(true)], CREATED_MS + 3_600_000).state).to.equal("waiting");
    const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
    expect(serviceVerdict({ ...balancer, status }, [slice(true)], CREATED_MS).state).to.equal("ready");
  });
});

describe("a PersistentVolumeClaim", () => {
  it("is ready when bound, or when its class binds at the first pod only", () => {
    const pending = { spec: { storageClassName: "c" }, status: { phase: "Pending" } };
    expect(claimVerdict({ status: { phase: "Bound" } }, undefined).state).to.equal("ready");
    expect(claimVerdict(pending, { volumeBindingMode: "WaitForFirstConsumer" }).state).to.equal("ready");
    expect(claimVerdict(pending, { volumeBindingMode: "Immediate" }).state).to.equal("waiting");
    expect(claimVerdict({ status: { phase: "Lost" } }, undefined).state).to.equal("failed");
  });

  it("says when its class does not exist", () => {
    const verdict = claimVerdict(
      { spec: { storageClassName: "c" }, status: { phase: "Pending" } },
      undefined,
    );
    expect(verdict).to.have.property("reason").that.includes('"c", which does not exist');
  });
});

describe("definitions", () => {
  it("are ready when the API serves them", () => {
    const conditions = (type: string, status: string) => ({ status: { conditions: [{ type, status }] } });
    expect(definitionVerdict(conditions("Established", "True")).state).to.equal("ready");
    expect(definitionVerdict({}).state).to.equal("waiting");
    expect(definitionVerdict(conditions("NamesAccepted", "False")).state).to.equal("failed");
    expect(namespaceVerdict({ status: { phase: "Active" } }).state).to.equal("ready");
    expect(namespaceVerdict({ status: { phase: "Terminating" } }).state).to.equal("waiting");
  });
});

describe("the kinds that are waited for", () => {
  it("are told apart by group, and an Ingress is none of them", () => {
    expect(readinessCheck({ apiVersion: "apps/v1", kind: "Deployment" })).to.be.a("function");
    expect(readinessCheck({ apiVersion: "v1", kind: "Service" })).to.be.a("function");
    expect(readinessCheck({ apiVersion: "serving.knative.dev/v1", kind: "Service" })).to.equal(undefined);
    expect(readinessCheck({ apiVersion: "networking.k8s.io/v1", kind: "Ingress" })).to.equal(undefined);
  });
});
