import { expect } from "chai";
import { servesSince, type PodReadiness } from "../../../cli/support/kubernetes.ts";

const SINCE = new Date("2026-01-01T00:00:10Z");

function pod(ready: "True" | "False", startedAt: string): PodReadiness {
  return {
    status: {
      conditions: [{ type: "Ready", status: ready }],
      containerStatuses: [{ state: { running: { startedAt: new Date(startedAt) } } }],
    },
  };
}

describe("servesSince", () => {
  it("accepts a ready pod whose containers started after the moment", () => {
    expect(servesSince(pod("True", "2026-01-01T00:00:11Z"), SINCE)).to.equal(true);
  });

  it("does not trust a readiness from before the node was stopped", () => {
    expect(servesSince(pod("True", "2026-01-01T00:00:01Z"), SINCE)).to.equal(false);
  });

  it("does not accept a pod that is not ready", () => {
    expect(servesSince(pod("False", "2026-01-01T00:00:11Z"), SINCE)).to.equal(false);
  });
});
