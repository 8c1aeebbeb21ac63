import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../../helpers/redis.ts";
import { RedisSet } from "./redisSet.ts";

describe("a fresh set of three Redis and three Sentinel pods", function () {
  this.timeout(60_000);
  let set: RedisSet;

  before(async () => {
    set = await RedisSet.prepare();
    set.startPods();
  });
  after(() => set.close());

  it("forms with the lowest ordinal as its one primary and two replicas online", async () => {
    expect(await set.whole()).to.equal("redis-0");
    const info = await set.admin("redis-0").info("replication");
    expect(info).to.contain("connected_slaves:2");
    expect(info.match(/state=online/g)).to.have.length(2);
  });

  it("confirms a write on both replicas", async () => {
    const primary = set.admin("redis-0");
    await primary.set("session:1", "one");
    expect(await primary.wait(2, 5_000)).to.equal(2);
  });

  it("passes its probes in every pod", async () => {
    for (const name of set.redisNames()) {
      expect(await set.probe(name, "ready.sh"), `ready.sh in ${name}`).to.equal(0);
      expect(await set.probe(name, "live.sh", ["busybox", "sh"]), `live.sh in ${name}`).to.equal(0);
    }
    for (const { name } of set.topology.sentinels) {
      expect(await set.probe(name, "sentinel-ready.sh"), `sentinel-ready.sh in ${name}`).to.equal(0);
    }
  });

  it("keeps the Sentinel's file, which holds passwords, readable to its owner only", async () => {
    const { mode } = await stat(join(set.dataDirectory("sentinel-0"), "sentinel.conf"));
    expect((mode & 0o777).toString(8)).to.equal("600");
  });

  it("gives a restarted Sentinel its own state back, with settings and passwords refreshed around it", async () => {
    const stateOf = async (): Promise<string[]> => {
      const text = await readFile(join(set.dataDirectory("sentinel-0"), "sentinel.conf"), "utf8");
      return text
        .split("\n")
        .filter((line) => /^sentinel (myid|monitor|\S+-epoch|known-)/.test(line))
        .toSorted();
    };
    const kept = await stateOf();
    // Address, id, three epochs, two replicas, two other Sentinels.
    expect(kept).to.have.length(9);
    await set.killPods(["sentinel-0"]);
    set.startPods(["sentinel-0"]);
    expect(await set.whole()).to.equal("redis-0");
    expect(await stateOf()).to.deep.equal(kept);
    expect(set.log("sentinel-0")).to.contain("settings are refreshed");
  });

  it("tells a Sentinel that lost its volume whom the others monitor", async () => {
    await set.killPods(["sentinel-1"]);
    await set.emptyVolume("sentinel-1");
    set.startPods(["sentinel-1"]);
    await eventually(
      "the new Sentinel names the primary",
      async () => (await set.probe("sentinel-1", "sentinel-ready.sh")) === 0,
    );
    expect(set.log("sentinel-1")).to.contain("the other Sentinels name it");
  });
});
