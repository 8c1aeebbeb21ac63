import { expect } from "chai";
import { majorityOf, memberNamed, parseTopology } from "../../../workers/agent/topology.ts";
import { topology } from "./worlds.ts";

describe("the topology file", () => {
  it("is read as the program writes it", () => {
    expect(parseTopology(JSON.stringify(topology))).to.deep.equal(topology);
  });

  it("is refused with the fields that are wrong", () => {
    const bad = {
      ...topology,
      quorum: 0,
      redis: [{ name: "redis-0", host: "", port: 70000, agentPort: 8380 }],
    };
    expect(() => parseTopology(JSON.stringify(bad))).to.throw(
      /quorum[\s\S]*redis\[0\]\.host[\s\S]*redis\[0\]\.port/,
    );
  });

  it("names the known pods when asked for another", () => {
    expect(() => memberNamed(topology.redis, "redis-9")).to.throw(
      /redis-9 is not in the topology.*redis-0, redis-1/,
    );
  });

  it("needs more than half for a majority", () => {
    expect([1, 2, 3, 4, 5].map(majorityOf)).to.deep.equal([1, 2, 2, 3, 3]);
  });
});
