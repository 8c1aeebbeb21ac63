import { expect } from "chai";
import { pino } from "pino";
import type { ServerInfo } from "../../../workers/agent/infoReply.ts";
import { PriorityKeeper } from "../../../workers/agent/priorityKeeper.ts";
import { names, silentSentinel } from "./worlds.ts";

const LEAST_SECONDS = 10;
const WITH_LINK: ServerInfo = {
  runId: "run",
  role: "replica",
  follows: { host: "10.0.0.1", port: 6379 },
  linkUp: true,
  linkDownSeconds: null,
  loading: false,
  replicationId: "a",
  secondReplicationId: null,
  offset: 5,
  priority: 100,
  aofEnabled: true,
  aofBytes: 1,
  aofRewriting: false,
  aofRewriteFailed: false,
  keys: 1,
};

describe("the priority of a running server", () => {
  let sentinel = silentSentinel;
  let looks: number;
  /** The server's own priority, as its next INFO would tell. */
  let priority: number;
  let keeper: PriorityKeeper;

  beforeEach(() => {
    sentinel = names("redis-0");
    looks = 0;
    priority = 100;
    keeper = new PriorityKeeper({
      linkDownLimitSeconds: LEAST_SECONDS,
      observe: () => {
        looks += 1;
        return Promise.resolve({ peers: new Map(), sentinels: new Map([["sentinel-0", sentinel]]) });
      },
      setPriority: (given) => {
        priority = given;
        return Promise.resolve();
      },
      logger: pino({ level: "silent" }),
    });
  });

  function keep(change: Partial<ServerInfo> = {}, isChosen = false): Promise<boolean> {
    return keeper.keep({ ...WITH_LINK, priority, ...change }, () => isChosen);
  }

  function keepDown(seconds: number | null, change: Partial<ServerInfo> = {}): Promise<boolean> {
    return keep({ linkUp: false, linkDownSeconds: seconds, ...change });
  }

  it("falls to zero once the link is down for longer than Sentinel tolerates, and not before", async () => {
    sentinel = names("redis-0", { downAfterMs: 4_000 });
    await keepDown(40);
    expect(priority).to.equal(100);
    await keepDown(41);
    expect(priority).to.equal(0);
  });

  it("falls by the configured limit while no Sentinel answers", async () => {
    sentinel = silentSentinel;
    await keepDown(LEAST_SECONDS + 1);
    expect(priority).to.equal(0);
  });

  it("falls also while a long copy of the primary is being loaded", async () => {
    await keepDown(11, { loading: true });
    expect(priority).to.equal(0);
  });

  it("stays while the link is as old as the primary's failure, without asking anybody at first", async () => {
    await keepDown(LEAST_SECONDS);
    expect(looks).to.equal(0);
    sentinel = names("redis-0", { subjectivelyDown: true, subjectivelyDownMs: 299_000 });
    await keepDown(300);
    expect({ priority, looks }).to.deep.equal({ priority: 100, looks: 1 });
  });

  it("rises again once the link is up", async () => {
    await keepDown(11);
    await keep();
    expect(priority).to.equal(100);
    await keepDown(9);
    expect(priority).to.equal(100);
  });

  it("rises again when Sentinel tolerates the same copy after all, with a margin against going up and down", async () => {
    sentinel = silentSentinel;
    await keepDown(30);
    sentinel = names("redis-0", { downAfterMs: 3_100 });
    await keepDown(30);
    expect(priority).to.equal(0);
    sentinel = names("redis-0", { downAfterMs: 4_000 });
    expect(await keepDown(31), "waits for its link").to.equal(true);
    expect(priority).to.equal(100);
  });

  it("does not rise without a link when something else was copied meanwhile, or another process runs", async () => {
    for (const other of [{ replicationId: "b" }, { offset: 1 }, { runId: "next" }, { loading: true }]) {
      sentinel = silentSentinel;
      priority = 100;
      await keepDown(30);
      sentinel = names("redis-0", { downAfterMs: 9_000 });
      await keepDown(31, other);
      expect(priority, JSON.stringify(other)).to.equal(0);
    }
  });

  it("does not rise without a link after a full copy began to load when it fell", async () => {
    sentinel = silentSentinel;
    await keepDown(30, { loading: true });
    sentinel = names("redis-0", { downAfterMs: 9_000 });
    await keepDown(31);
    expect(priority).to.equal(0);
  });

  it("stays at zero for a server that never had its link, unless it is chosen", async () => {
    priority = 0;
    expect(await keepDown(null), "waits for its link").to.equal(true);
    expect(priority).to.equal(0);
    await keep({ linkUp: false }, true);
    expect(priority).to.equal(100);
  });

  it("does not rise for a chosen one that Sentinel passes over all the same", async () => {
    priority = 0;
    await keep({ linkUp: false, linkDownSeconds: 60 }, true);
    expect(priority).to.equal(0);
  });

  it("is of no concern on a primary, nor while loading with the link up", async () => {
    priority = 0;
    await keep({ role: "primary", linkUp: false });
    await keep({ loading: true });
    expect({ priority, looks }).to.deep.equal({ priority: 0, looks: 0 });
  });
});
