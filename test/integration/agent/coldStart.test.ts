import { expect } from "chai";
import { eventually } from "../../helpers/redis.ts";
import { RedisSet } from "./redisSet.ts";

const COMMON_KEYS = 200;
const LATE_KEYS = 100;

describe("a set that was killed as a whole", function () {
  this.timeout(120_000);
  let set: RedisSet;
  let primary: string;
  /** Stopped before the last confirmed writes; must never be promoted. */
  let behind: string;
  let confirming: string;

  before(async () => {
    set = await RedisSet.prepare();
    set.startPods();
    primary = await set.whole();
    await write(COMMON_KEYS, 2);
  });
  after(() => set.close());

  it("comes back with one primary that has the highest offset, and no confirmed write is lost", async () => {
    await letOneFallBehind();
    await set.killPods();
    set.startPods();
    const next = await set.whole();
    expect(next).to.be.oneOf([primary, confirming]);
    await expectKeys(COMMON_KEYS + LATE_KEYS);
    primary = next;
  });

  it("finds the newest data among the replicas when the primary comes back empty", async () => {
    await letOneFallBehind();
    await set.killPods();
    await set.emptyVolume(primary);
    set.startPods();
    expect(await set.whole()).to.equal(confirming);
    await expectKeys(COMMON_KEYS + 2 * LATE_KEYS);
    primary = confirming;
  });

  it("gives an emptied replica its data back, never promoting it", async () => {
    const emptied = set.redisNames().find((name) => name !== primary) ?? "";
    await set.killPods([emptied]);
    await set.emptyVolume(emptied);
    set.startPods([emptied]);
    expect(await set.whole()).to.equal(primary);
    await expectKeys(COMMON_KEYS + 2 * LATE_KEYS);
    expect(set.log(emptied).split("starting redis-server")).to.have.length.above(1);
  });

  it("gives an emptied primary its data back from the node that Sentinel promotes", async () => {
    const emptied = primary;
    await set.killPods([emptied]);
    await set.emptyVolume(emptied);
    set.startPods([emptied]);
    const next = await set.whole();
    expect(next).to.not.equal(emptied);
    await expectKeys(COMMON_KEYS + 2 * LATE_KEYS);
    primary = next;
  });

  async function letOneFallBehind(): Promise<void> {
    [behind, confirming] = set.redisNames().filter((name) => name !== primary) as [string, string];
    process.kill(await set.serverPid(behind), "SIGSTOP");
    await write(LATE_KEYS, 1);
    for (const name of [primary, confirming]) await hasWrittenFiles(name);
  }

  /** A slow disk makes Redis hold writes back for seconds; a test of what the files hold must not lose those by the kill. */
  function hasWrittenFiles(name: string): Promise<void> {
    return eventually(`${name} has written its append-only file`, async () =>
      /^aof_buffer_length:0\r$/m.test(await set.admin(name).info("persistence")),
    );
  }

  let written = 0;
  async function write(count: number, replicas: number): Promise<void> {
    const client = set.admin(primary);
    for (const end = written + count; written < end; written += 1)
      await client.set(`session:${written}`, written);
    expect(await client.wait(replicas, 5_000)).to.be.at.least(replicas);
  }

  async function expectKeys(count: number): Promise<void> {
    for (const name of set.redisNames()) {
      await eventually(`${name} holds ${count} keys`, async () => (await set.admin(name).dbsize()) === count);
    }
  }
});
