import { expect } from "chai";
import { parseSentinelMaster } from "../../../workers/agent/observe.ts";
import { stateUrl } from "../../../workers/agent/stateMessage.ts";

describe("where an agent is asked", () => {
  it("is a plain URL for a name or an IPv4 address", () => {
    expect(stateUrl({ host: "10.0.0.1", agentPort: 8380 })).to.equal("http://10.0.0.1:8380/state");
  });

  it("has an IPv6 address in brackets", () => {
    const url = new URL(stateUrl({ host: "fd00:10:96::a", agentPort: 8380 }));
    expect(url).to.include({ hostname: "[fd00:10:96::a]", port: "8380", pathname: "/state" });
  });
});

describe("a Sentinel's answer about the primary", () => {
  const reply = [
    ...["name", "sessiondb", "ip", "10.0.0.2", "port", "6379", "flags", "s_down,o_down,master"],
    ...["s-down-time", "12345", "down-after-milliseconds", "4000", "config-epoch", "7"],
  ];

  it("says whom it names, and since when and by which bound it holds that for down", () => {
    expect(parseSentinelMaster(reply)).to.deep.equal({
      kind: "configured",
      primary: { host: "10.0.0.2", port: 6379 },
      downAfterMs: 4000,
      subjectivelyDown: true,
      subjectivelyDownMs: 12_345,
      objectivelyDown: true,
      failoverInProgress: false,
      configEpoch: 7,
    });
  });

  it("has no time of being down for a primary that is up", () => {
    const up = ["ip", "10.0.0.2", "port", "6379", "flags", "master", "down-after-milliseconds", "1000"];
    expect(parseSentinelMaster(up)).to.include({ subjectivelyDown: false, subjectivelyDownMs: 0 });
  });

  it("is an error when it names no address", () => {
    expect(() => parseSentinelMaster(["name", "sessiondb"])).to.throw("names no address");
  });
});
