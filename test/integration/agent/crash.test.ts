import { expect } from "chai";
import { eventually } from "../../helpers/redis.ts";
import { RedisSet } from "./redisSet.ts";

const KEYS = 500;

describe("a set whose primary's server is killed", function () {
  this.timeout(90_000);
  let set: RedisSet;
  let first: string;

  before(async () => {
    set = await RedisSet.prepare({ shell: ["busybox", "sh"] });
    set.startPods();
    first = await set.whole();
    const primary = set.admin(first);
    for (let key = 0; key < KEYS; key += 1) await primary.set(`session:${key}`, key);
    expect(await primary.wait(2, 5_000)).to.equal(2);
  });
  after(() => set.close());

  it("gets another primary, and the killed one never resumes", async () => {
    const roles = new Set<string>();
    await set.killServer(first);
    let promoted: string[] = [];
    await eventually(
      "another node runs as primary and the killed one is back",
      async () => {
        const old = (await set.replication(first)).get("role");
        if (old !== undefined) roles.add(old);
        promoted = (await set.primaries()).filter((name) => name !== first);
        return promoted.length > 0 && roles.size > 0;
      },
      30_000,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await set.describe()}`, { cause: error });
    });
    expect([...roles], "roles of the killed node since its return").to.deep.equal(["slave"]);
    expect(await set.whole()).to.be.oneOf(promoted);
  });

  it("still holds every confirmed write, on every node", async () => {
    for (const name of set.redisNames()) expect(await set.admin(name).dbsize(), name).to.equal(KEYS);
  });

  it("kept the supervisor of the killed server running", () => {
    expect(set.log(first)).to.contain("redis-server ended by itself with status 137");
    expect(set.log(first)).to.not.contain("stopped while no server ran");
  });

  it("passes a TERM on to the server and ends with its status", async () => {
    const replica = set.redisNames().find((name) => name === first) ?? "";
    const pid = await set.serverPid(replica);
    expect(await set.stopSupervisor(replica, "SIGTERM")).to.equal(0);
    expect(() => process.kill(pid, 0)).to.throw("ESRCH");
    expect(set.log(replica)).to.contain("Redis is now ready to exit");
  });
});
