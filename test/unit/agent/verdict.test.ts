import { expect } from "chai";
import { decide, type Verdict } from "../../../workers/agent/verdict.ts";
import {
  data,
  empty,
  names,
  primary,
  replica,
  silentSentinel,
  situation,
  stopped,
  unconfigured,
  unrecorded,
} from "./worlds.ts";

/** A verdict in a few words, for tables of expectations. */
function brief(verdict: Verdict): string {
  switch (verdict.kind) {
    case "replica":
      return `${verdict.promotable ? "candidate" : "replica"} of ${verdict.of.name}`;
    case "wait":
    case "refuse":
      return `${verdict.kind}: ${verdict.missing}`;
    case "primary":
      return "primary";
  }
}

describe("the verdict when the Sentinels name another node", () => {
  const named = names("redis-1");

  it("joins it while it runs as primary", () => {
    const seen = situation({
      own: data("a", 5),
      peers: { "redis-1": primary(data("a", 9)) },
      sentinels: named,
    });
    expect(brief(decide(seen))).to.equal("replica of redis-1");
  });

  it("joins with a majority of the Sentinels, and does not count the minority's other opinion", () => {
    const peers = { "redis-1": primary(data("a", 9)) };
    const sentinels = [named, named, names("redis-2")];
    expect(brief(decide(situation({ peers, sentinels })))).to.equal("replica of redis-1");
  });

  it("waits while enough Sentinels hold it for down, but not for one doubting Sentinel", () => {
    const peers = { "redis-1": primary(data("a", 9)) };
    const doubting = names("redis-1", { subjectivelyDown: true });
    const one = situation({ peers, sentinels: [doubting, named, named] });
    const two = situation({ peers, sentinels: [doubting, doubting, named] });
    expect(brief(decide(one))).to.equal("replica of redis-1");
    expect(brief(decide(two))).to.equal("wait: the Sentinels hold redis-1 for down");
  });

  it("waits for a failover to end, also when a single Sentinel runs it", () => {
    const peers = { "redis-1": primary(data("a", 9)) };
    const leader = names("redis-1", { failoverInProgress: true });
    expect(brief(decide(situation({ peers, sentinels: [leader, named, named] })))).to.match(/^wait/);
  });

  it("leaves the promotion to Sentinel while a replica runs that can be promoted, even one that is behind", () => {
    const peers = { "redis-1": stopped(empty), "redis-2": replica(data("a", 5)) };
    const seen = situation({ own: data("a", 9), peers, sentinels: named });
    expect(brief(decide(seen))).to.match(/^wait: redis-2 runs and can be promoted/);
  });

  it("makes the newest copy of a cold start the only candidate", () => {
    const peers = { "redis-1": stopped(data("a", 5)), "redis-2": stopped(data("a", 8)) };
    const best = situation({ own: data("a", 9), peers, sentinels: named });
    const second = situation({ own: data("a", 7), peers, sentinels: named });
    expect(brief(decide(best))).to.equal("candidate of redis-1");
    expect(brief(decide(second))).to.equal("wait: redis-2 holds the newest data and is to start first");
  });

  it("leaves it to the named node when its data is as new", () => {
    const peers = { "redis-1": stopped(data("a", 9)), "redis-2": stopped(data("a", 9)) };
    const seen = situation({ own: data("a", 9), peers, sentinels: named });
    expect(brief(decide(seen))).to.equal("wait: redis-1 holds the newest data and is to start first");
  });

  it("does not start anything while an expected node is silent, nor when the histories cannot be ordered", () => {
    const silent = situation({ own: data("a", 9), peers: { "redis-2": stopped(empty) }, sentinels: named });
    const unrelated = { "redis-1": stopped(data("b", 1)), "redis-2": stopped(empty) };
    expect(brief(decide(silent))).to.equal("wait: no answer from redis-1");
    expect(brief(decide(situation({ own: data("a", 9), peers: unrelated, sentinels: named })))).to.match(
      /^wait: the data of redis-\d and redis-\d cannot be ordered/,
    );
  });

  it("waits when the named address is none of the expected nodes", () => {
    expect(brief(decide(situation({ sentinels: names("redis-7") })))).to.match(/none of the expected nodes$/);
  });
});

describe("the verdict when the Sentinels name this node", () => {
  const named = names("redis-0");
  const cold = { "redis-1": stopped(data("a", 5)), "redis-2": stopped(data("a", 9)) };

  it("resumes after a cold start with the newest or equally new data", () => {
    expect(brief(decide(situation({ own: data("a", 9), peers: cold, sentinels: named })))).to.equal(
      "primary",
    );
  });

  it("never resumes before a peer that holds more", () => {
    const seen = situation({ own: data("a", 8), peers: cold, sentinels: named });
    expect(brief(decide(seen))).to.equal("wait: redis-2 holds the newest data and is to start first");
  });

  it("never resumes while a replica runs that Sentinel can promote, though it holds less", () => {
    const peers = { "redis-1": replica(data("a", 5)), "redis-2": stopped(empty) };
    const seen = situation({ own: data("a", 9), peers, sentinels: named });
    expect(brief(decide(seen))).to.match(/^wait: redis-1 runs and can be promoted/);
  });

  it("resumes beside replicas that never copied it and so cannot be promoted", () => {
    const peers = { "redis-1": replica(empty, false), "redis-2": stopped(data("a", 3)) };
    expect(brief(decide(situation({ own: data("a", 9), peers, sentinels: named })))).to.equal("primary");
  });

  it("resumes beside replicas that Sentinel passes over, their links having been down too long", () => {
    const stale = { "redis-1": replica(data("a", 5), false), "redis-2": replica(data("a", 6), false) };
    const own = data("a", 4, { complete: true });
    expect(brief(decide(situation({ own, peers: stale, sentinels: named })))).to.equal("primary");
    const behind = situation({ own: data("a", 4), peers: stale, sentinels: named });
    expect(brief(decide(behind))).to.equal("wait: redis-2 holds the newest data and is to start first");
  });

  it("never resumes while a failover is in progress or another primary runs", () => {
    const failing = [named, names("redis-0", { failoverInProgress: true }), named];
    const rival = { ...cold, "redis-1": primary(data("b", 1, { superseded: ["a"] })) };
    expect(brief(decide(situation({ own: data("a", 9), peers: cold, sentinels: failing })))).to.match(
      /^wait/,
    );
    expect(brief(decide(situation({ own: data("a", 9), peers: rival, sentinels: named })))).to.match(
      /^wait: redis-1 runs as primary/,
    );
  });

  it("waits when empty as long as anybody has data, and starts when all are empty", () => {
    const all = { "redis-1": stopped(empty), "redis-2": stopped(empty) };
    expect(brief(decide(situation({ peers: cold, sentinels: named })))).to.match(/^wait: redis-2 holds/);
    expect(brief(decide(situation({ peers: all, sentinels: named })))).to.equal("primary");
  });
});

describe("the verdict while no Sentinel has a configuration", () => {
  it("starts the lowest ordinal of an all-empty set, counting two of three Sentinels", () => {
    const sentinels = [unconfigured, unconfigured, silentSentinel];
    const peers = { "redis-0": stopped(empty), "redis-1": stopped(empty), "redis-2": stopped(empty) };
    expect(brief(decide(situation({ peers, sentinels })))).to.equal("primary");
    expect(brief(decide(situation({ self: "redis-2", peers, sentinels })))).to.equal(
      "wait: every node is empty; redis-0 is to start first",
    );
  });

  it("joins the one running primary, and one that is just about to run", () => {
    const running = { "redis-1": primary(data("a", 1)), "redis-2": stopped(empty) };
    const about = { "redis-1": stopped(empty, "primary"), "redis-2": stopped(empty) };
    expect(brief(decide(situation({ peers: running, sentinels: unconfigured })))).to.equal(
      "replica of redis-1",
    );
    expect(brief(decide(situation({ peers: about, sentinels: unconfigured })))).to.equal(
      "replica of redis-1",
    );
  });

  it("starts the newest copy when all Sentinels lost their volumes", () => {
    const peers = { "redis-1": stopped(data("b", 2, { superseded: ["a"] })), "redis-2": stopped(empty) };
    expect(brief(decide(situation({ own: data("a", 9), peers, sentinels: unconfigured })))).to.match(
      /^wait: redis-1 holds the newest/,
    );
    expect(
      brief(decide(situation({ own: data("c", 1, { superseded: ["b"] }), peers, sentinels: unconfigured }))),
    ).to.equal("primary");
  });

  it("starts the only node with data although nobody recorded its history", () => {
    const peers = { "redis-1": stopped(empty), "redis-2": stopped(empty) };
    expect(brief(decide(situation({ own: unrecorded(), peers, sentinels: unconfigured })))).to.equal(
      "primary",
    );
  });

  it("waits between two primaries, and for silent nodes", () => {
    const two = { "redis-1": primary(data("a", 1)), "redis-2": primary(data("b", 1)) };
    expect(brief(decide(situation({ peers: two, sentinels: unconfigured })))).to.match(
      /both run as primary$/,
    );
    expect(brief(decide(situation({ sentinels: unconfigured })))).to.equal(
      "wait: no answer from redis-1, redis-2",
    );
  });
});

describe("the verdict without a majority of Sentinels", () => {
  it("joins a lone primary only when every node answers, for otherwise it may be the wrong side of a partition", () => {
    const sentinels = [names("redis-1"), silentSentinel, silentSentinel];
    const all = { "redis-1": primary(data("a", 9)), "redis-2": replica(data("a", 9)) };
    const some = { "redis-1": primary(data("a", 9)) };
    expect(brief(decide(situation({ peers: all, sentinels })))).to.equal("replica of redis-1");
    expect(brief(decide(situation({ peers: some, sentinels })))).to.match(/^wait: .*no answer from redis-2$/);
  });

  it("never starts a primary, also when the Sentinels disagree", () => {
    const peers = { "redis-1": stopped(empty), "redis-2": stopped(empty) };
    const sentinels = [names("redis-0"), names("redis-1"), unconfigured];
    expect(brief(decide(situation({ own: data("a", 9), peers, sentinels })))).to.match(/^wait/);
  });
});

describe("the verdict after its bound", () => {
  const peers = { "redis-2": stopped(data("a", 8)) };
  const overdue = { peers, own: data("a", 9), waitedSeconds: 61 };

  it("refuses with what is missing", () => {
    expect(brief(decide(situation({ ...overdue, sentinels: names("redis-0") })))).to.equal(
      "refuse: no answer from redis-1",
    );
  });

  it("still starts when the conditions have become right", () => {
    const all = { ...peers, "redis-1": stopped(empty) };
    expect(brief(decide(situation({ ...overdue, peers: all, sentinels: names("redis-0") })))).to.equal(
      "primary",
    );
  });

  it("starts the newest of those that answer when loss was accepted, naming the reason", () => {
    const accepted = { ...overdue, acceptDataLoss: "rack 4 burned" };
    const own = decide(situation({ ...accepted, sentinels: names("redis-0") }));
    expect(own).to.include({ kind: "primary", acceptedLoss: "rack 4 burned" });
    expect(brief(decide(situation({ ...accepted, sentinels: names("redis-1") })))).to.equal(
      "candidate of redis-1",
    );
    expect(brief(decide(situation({ ...accepted, sentinels: unconfigured })))).to.equal("primary");
    expect(brief(decide(situation(accepted)))).to.equal("primary");
  });

  it("keeps waiting for a newer copy that answers, whatever was accepted", () => {
    const behind = { ...overdue, own: data("a", 7), acceptDataLoss: "rack 4 burned" };
    expect(brief(decide(situation({ ...behind, sentinels: names("redis-0") })))).to.match(
      /^refuse: redis-2 holds/,
    );
  });

  it("waits no longer for a replica that could be promoted but was not, when loss was accepted", () => {
    const candidates = { "redis-1": replica(data("a", 8)), "redis-2": stopped(data("a", 7), "candidate") };
    const late = { ...overdue, peers: candidates };
    const accepted = { ...late, acceptDataLoss: "rack 4 burned" };
    expect(brief(decide(situation({ ...late, sentinels: names("redis-0") })))).to.match(
      /^refuse: redis-1 runs and can be promoted/,
    );
    expect(decide(situation({ ...accepted, sentinels: names("redis-0") }))).to.include({
      kind: "primary",
      acceptedLoss: "rack 4 burned",
    });
    expect(brief(decide(situation({ ...accepted, sentinels: names("redis-1") })))).to.equal(
      "candidate of redis-1",
    );
    const another = { ...candidates, "redis-2": primary(data("b", 1)) };
    const beside = situation({ ...accepted, peers: another, sentinels: names("redis-0") });
    expect(brief(decide(beside))).to.match(/^refuse: redis-2 runs as primary/);
  });

  it("does not use the acceptance before the bound", () => {
    const early = { ...overdue, waitedSeconds: 10, acceptDataLoss: "rack 4 burned" };
    expect(brief(decide(situation({ ...early, sentinels: names("redis-0") })))).to.equal(
      "wait: no answer from redis-1",
    );
  });
});
