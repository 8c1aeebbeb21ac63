import { expect } from "chai";
import { podSelector, podTrouble } from "../../../../local/plugins/kubernetes/readiness/podTrouble.ts";

describe("trouble with pods", () => {
  it("is told per container, with the last exit code", () => {
    const pod = {
      metadata: { name: "web-1" },
      status: {
        containerStatuses: [
          {
            name: "app",
            state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
            lastState: { terminated: { exitCode: 3 } },
          },
          { name: "fine", ready: true, state: { running: {} } },
        ],
        initContainerStatuses: [{ name: "setup", state: { terminated: { exitCode: 1, reason: "Error" } } }],
      },
    };
    expect(podTrouble([pod])).to.deep.equal([
      "pod web-1, container setup: exit code 1, Error",
      "pod web-1, container app: CrashLoopBackOff: back-off 10s, last exit code 3",
    ]);
  });

  it("tells why a pod is not scheduled", () => {
    const conditions = [{ type: "PodScheduled", status: "False", message: "0/1 nodes are available" }];
    expect(podTrouble([{ metadata: { name: "p" }, status: { conditions } }])).to.deep.equal([
      "pod p is not scheduled: 0/1 nodes are available",
    ]);
  });

  it("stops after six lines", () => {
    const conditions = [{ type: "PodScheduled", status: "False", message: "m" }];
    const pods = Array.from({ length: 10 }, () => ({ metadata: { name: "p" }, status: { conditions } }));
    expect(podTrouble(pods)).to.have.length(6);
  });

  it("finds the pods by the workload's selector, or by the job's name", () => {
    const matchLabels = { app: "x", tier: "y" };
    expect(podSelector({ kind: "Deployment", spec: { selector: { matchLabels } } })).to.equal("app=x,tier=y");
    expect(podSelector({ kind: "Job", metadata: { name: "j" } })).to.equal("batch.kubernetes.io/job-name=j");
    expect(podSelector({ kind: "ConfigMap", metadata: { name: "c" } })).to.equal(undefined);
  });
});
