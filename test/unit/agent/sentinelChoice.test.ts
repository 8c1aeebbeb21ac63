import { expect } from "chai";
import { choosePrimary, type SentinelChoice } from "../../../workers/agent/sentinelChoice.ts";
import type { PeerView, SentinelView } from "../../../workers/agent/situation.ts";
import {
  data,
  empty,
  names,
  primary,
  replica,
  silentSentinel,
  stopped,
  topology,
  unconfigured,
  unreachable,
} from "./worlds.ts";

function choose(
  nodes: readonly PeerView[],
  sentinels: readonly SentinelView[] = [unconfigured, unconfigured],
): SentinelChoice {
  return choosePrimary({
    topology,
    nodes: new Map(topology.redis.map(({ name }, at) => [name, nodes[at] ?? unreachable])),
    sentinels: new Map(sentinels.map((view, at) => [`sentinel-${at + 1}`, view])),
  });
}

describe("whom a new Sentinel monitors", () => {
  it("is whom the others name with the highest epoch, also while that node is down", () => {
    const views = [names("redis-0", { configEpoch: 3 }), names("redis-1", { configEpoch: 4 })];
    expect(choose([], views)).to.deep.include({ kind: "monitor", primary: { host: "10.0.0.2", port: 6379 } });
  });

  it("is open while two Sentinels name different nodes with the same epoch", () => {
    const views = [names("redis-0"), names("redis-1")];
    expect(choose([primary(data("a", 1))], views))
      .to.have.property("missing")
      .that.contains("same configuration epoch");
  });

  it("is the one running primary when no Sentinel is configured", () => {
    const choice = choose([stopped(empty), primary(data("a", 1)), replica(data("a", 1))]);
    expect(choice).to.deep.include({ kind: "monitor", primary: { host: "10.0.0.2", port: 6379 } });
    expect(choose([stopped(empty), primary(data("a", 1))], [silentSentinel])).to.include({ kind: "monitor" });
  });

  it("is open without a primary that serves, with two of them, and while most nodes are silent", () => {
    const loading: PeerView = {
      kind: "running",
      role: "primary",
      loading: true,
      promotable: false,
      volume: empty,
    };
    const one = primary(data("a", 1));
    expect(choose([stopped(empty, "primary"), replica(empty), loading])).to.include({
      kind: "wait",
      missing: "no Redis node runs as primary yet",
    });
    expect(choose([one, one])).to.include({ missing: "redis-0 and redis-1 all run as primary" });
    expect(choose([one])).to.include({ missing: "only 1 of 3 Redis nodes answer, 2 are needed" });
  });
});
