import { expect } from "chai";
import { eventually } from "../../helpers/redis.ts";
import { RedisSet } from "./redisSet.ts";

const KEYS = 200;
const LATE_KEYS = 50;
/** Ten times the set's down-after, and some for the agent to see it. */
const LOWERED_WITHIN_MS = 20_000;
/** The supervisor's pause, two looks around, and the Sentinels' tries in between. */
const RESUMED_WITHIN_MS = 30_000;

describe("a set whose replicas lost their links long before the primary's server is killed", function () {
  this.timeout(120_000);
  let set: RedisSet;
  let first: string;
  let replicas: string[];

  before(async () => {
    set = await RedisSet.prepare();
    set.startPods();
    first = await set.whole();
    replicas = set.redisNames().filter((name) => name !== first);
    await write(0, KEYS);
    expect(await set.admin(first).wait(2, 5_000)).to.equal(2);
  });
  after(() => set.close());

  it("stops calling the replicas promotable once Sentinel would pass over them", async () => {
    // A password that is not in force, as after a rotation gone wrong: links that break now stay down.
    for (const name of replicas) await set.admin(name).config("SET", "masterauth", "not-in-force");
    await set.admin(first).call("CLIENT", "KILL", "TYPE", "replica");
    await eventually("both links are down", () => everyReplica("master_link_status", "down"));
    // Without a replica the primary takes no writes; these make its data the newest.
    await set.admin(first).config("SET", "min-replicas-to-write", 0);
    await write(KEYS, LATE_KEYS);
    await eventually(
      "both replicas have the priority 0",
      () => everyReplica("slave_priority", "0"),
      LOWERED_WITHIN_MS,
    );
    for (const name of replicas) {
      const age = Number((await set.replication(name)).get("master_link_down_since_seconds"));
      expect(age, `seconds that the link of ${name} was down`).to.be.above(10);
    }
  });

  it("gets no primary from the Sentinels while the old one hangs", async () => {
    const pid = await set.serverPid(first);
    process.kill(pid, "SIGSTOP");
    const sentinels = set.topology.sentinels.map(({ name }) => name);
    await eventually(
      "a Sentinel has tried a failover in vain",
      () => sentinels.some((name) => set.log(name).includes("-failover-abort-no-good-slave")),
      20_000,
    );
    process.kill(pid, "SIGKILL");
  });

  it("gets the killed primary back by itself, with all its data", async () => {
    await eventually(
      "the killed primary runs as primary again",
      async () => (await set.primaries()).includes(first),
      RESUMED_WITHIN_MS,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await set.describe()}`, { cause: error });
    });
    expect(await set.primaries()).to.deep.equal([first]);
    expect(await set.admin(first).dbsize()).to.equal(KEYS + LATE_KEYS);
    expect(set.log(first)).to.contain("redis-server ended by itself with status 137");
    expect(set.log(first)).to.not.contain("DATA MAY BE LOST");
  });

  it("is whole again once the links can be made, the replicas promotable as before", async () => {
    const password = (await set.admin(first).config("GET", "masterauth")) as [string, string];
    for (const name of replicas) await set.admin(name).config("SET", "masterauth", password[1]);
    expect(await set.whole()).to.equal(first);
    for (const name of replicas) {
      expect(await set.admin(name).dbsize(), name).to.equal(KEYS + LATE_KEYS);
      expect((await set.replication(name)).get("slave_priority"), name).to.equal("100");
    }
  });

  async function write(from: number, count: number): Promise<void> {
    const client = set.admin(first);
    for (let key = from; key < from + count; key += 1) await client.set(`session:${key}`, key);
  }

  async function everyReplica(field: string, value: string): Promise<boolean> {
    const all = await Promise.all(replicas.map((name) => set.replication(name)));
    return all.every((fields) => fields.get(field) === value);
  }
});
