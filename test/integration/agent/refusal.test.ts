import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../../helpers/redis.ts";
import { RedisSet } from "./redisSet.ts";

const BOUND_SECONDS = 2;
const PRESENT = ["redis-0", "redis-1", "sentinel-0", "sentinel-1", "sentinel-2"];

async function refused(set: RedisSet, name: string): Promise<void> {
  await eventually(`${name} refuses`, async () => {
    const status = await set.status(name).catch(() => null);
    return status?.phase === "refused";
  });
}

describe("a new set with a node missing", function () {
  this.timeout(60_000);
  let set: RedisSet;

  before(async () => {
    set = await RedisSet.prepare({ verdictTimeoutSeconds: BOUND_SECONDS });
    set.startPods(PRESENT);
  });
  after(() => set.close());

  it("refuses to start after the bound, and says so in status, file and log, the log once", async () => {
    await Promise.all(["redis-0", "redis-1"].map((name) => refused(set, name)));
    const { refusal } = await set.status("redis-0");
    expect(refusal).to.match(/redis-0 refuses to start Redis after waiting \d+ s: no answer from redis-2/);
    expect(refusal).to.contain("bootstrap.acceptDataLoss: <reason>");
    const file = await readFile(join(set.runDirectory("redis-0"), "refusal"), "utf8");
    expect(file).to.match(/^redis-0 refuses to start Redis/);
    expect(set.log("redis-0").split("refuses to start")).to.have.length(2);
    expect(await set.primaries()).to.deep.equal([]);
  });

  it("is alive but not ready meanwhile", async () => {
    expect(await set.probe("redis-0", "live.sh")).to.equal(0);
    expect(await set.probe("redis-0", "ready.sh")).to.equal(1);
    expect(await set.probe("sentinel-0", "sentinel-ready.sh")).to.equal(1);
  });

  it("ends at once when told to stop while it waits", async () => {
    const startedMs = Date.now();
    expect(await set.stopSupervisor("redis-1", "SIGTERM")).to.equal(0);
    expect(Date.now() - startedMs).to.be.below(1_000);
    await set.killPods(["redis-1"]);
  });

  it("starts by itself once the missing node is there", async () => {
    set.startPods(["redis-1", "redis-2"]);
    expect(await set.whole()).to.equal("redis-0");
    expect((await set.status("redis-0")).refusal).to.equal("");
  });
});

describe("a new set with a node missing, its loss accepted", function () {
  this.timeout(60_000);
  let set: RedisSet;

  before(async () => {
    set = await RedisSet.prepare({
      verdictTimeoutSeconds: BOUND_SECONDS,
      shell: ["busybox", "sh"],
    });
    set.startPods(PRESENT);
  });
  after(() => set.close());

  it("still refuses while the reason is blank", async () => {
    await set.acceptDataLoss("\n");
    await Promise.all(["redis-0", "redis-1"].map((name) => refused(set, name)));
    expect(await set.primaries()).to.deep.equal([]);
  });

  it("starts among those that answer once the reason is there, without a restart, and logs it loudly", async () => {
    await set.acceptDataLoss("redis-2 burned down\n");
    await eventually("a primary runs", async () => (await set.primaries()).length > 0, 20_000);
    expect(await set.primaries()).to.deep.equal(["redis-0"]);
    expect(set.log("redis-0")).to.contain("STARTING ALTHOUGH DATA MAY BE LOST");
    expect(set.log("redis-0")).to.contain("redis-2 burned down");
  });
});
