import { expect } from "chai";
import { stalledPods, type PodState, type SetState } from "../../../cli/support/stalledRollout.ts";

const set = (readyReplicas: number, updateRevision: string | undefined = "new"): SetState => ({
  name: "redis",
  readyReplicas,
  updateRevision,
});
const pod = (name: string, revision: string, terminating = false): PodState => ({
  name,
  set: "redis",
  revision,
  terminating,
});

describe("a stalled rollout", () => {
  const pods = [pod("redis-0", "old"), pod("redis-1", "old"), pod("redis-2", "new")];

  it("is held up by the pods with the old template when nobody is ready", () => {
    expect(stalledPods([set(0)], pods)).to.deep.equal(["redis-0", "redis-1"]);
  });

  it("is none while a single pod is ready: then the set serves and is rolled in order", () => {
    expect(stalledPods([set(1)], pods)).to.deep.equal([]);
  });

  it("is none at the first start, when all pods have the current template", () => {
    expect(stalledPods([set(0, "old")], [pod("redis-0", "old"), pod("redis-1", "old")])).to.deep.equal([]);
  });

  it("leaves alone what ends already, what belongs to no set, and sets that the controller has not seen", () => {
    expect(stalledPods([set(0)], [pod("redis-0", "old", true)])).to.deep.equal([]);
    expect(stalledPods([set(0)], [{ ...pod("job-1", "old"), set: undefined }])).to.deep.equal([]);
    expect(stalledPods([{ ...set(0), updateRevision: undefined }], pods)).to.deep.equal([]);
  });
});
