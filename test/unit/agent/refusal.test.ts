import { expect } from "chai";
import { refusalText } from "../../../workers/agent/refusal.ts";
import { data, names, silentSentinel, situation, stopped, unconfigured, unrecorded } from "./worlds.ts";

describe("a refusal", () => {
  const text = refusalText(
    situation({
      own: data("0123456789abcdef", 77),
      peers: { "redis-1": stopped(unrecorded(12)) },
      sentinels: [names("redis-1", { objectivelyDown: true }), unconfigured, silentSentinel],
      waitedSeconds: 61.4,
    }),
    "no answer from redis-2",
  );

  it("says who refuses after which time, and what is missing", () => {
    expect(text).to.match(/^redis-0 refuses to start Redis after waiting 61 s: no answer from redis-2\.\n/);
  });

  it("lists what was seen of every node and Sentinel", () => {
    expect(text).to.contain("redis-0 (this node): holds data of history 01234567 up to offset 77");
    expect(text).to.contain("redis-1: Redis is stopped; holds 12 bytes of data with no recorded history");
    expect(text).to.contain("redis-2: no answer (ECONNREFUSED)");
    expect(text).to.contain("sentinel-0: names 10.0.0.2:6379 (down by agreement), epoch 1");
    expect(text).to.contain("sentinel-1: has no configuration yet");
    expect(text).to.contain("sentinel-2: no answer (timeout)");
  });

  it("names the override and what it costs", () => {
    expect(text).to.contain("bootstrap.acceptDataLoss: <reason>");
    expect(text).to.contain("is lost");
  });
});
