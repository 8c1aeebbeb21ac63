import { expect } from "chai";
import { redisProbes } from "../../../../components/redis/probes.ts";

const script = (name: string): unknown => ({ command: ["sh", `/etc/sessiondb/scripts/${name}`] });

describe("the probes of a Redis", () => {
  it("allow for loading as long as the configuration says", () => {
    for (const startupTimeoutSeconds of [10, 301, 7200]) {
      const { startupProbe } = redisProbes({ startupTimeoutSeconds, startedWhen: "ready" });
      const allowed = Number(startupProbe.periodSeconds) * Number(startupProbe.failureThreshold);
      expect(allowed).to.be.within(startupTimeoutSeconds, startupTimeoutSeconds + 5);
    }
  });

  it("ask for readiness every 5 s and for life every 30 s, by different questions", () => {
    const { readinessProbe, livenessProbe } = redisProbes({
      startupTimeoutSeconds: 60,
      startedWhen: "ready",
    });
    expect(readinessProbe).to.deep.include({ exec: script("ready.sh"), periodSeconds: 5 });
    expect(livenessProbe).to.deep.include({ exec: script("live.sh"), periodSeconds: 30 });
  });

  it("do not restart a server for one or two slow answers", () => {
    const { livenessProbe } = redisProbes({ startupTimeoutSeconds: 60, startedWhen: "ready" });
    expect(Number(livenessProbe.failureThreshold)).to.be.at.least(3);
    expect(Number(livenessProbe.timeoutSeconds)).to.be.at.least(5);
  });
});
