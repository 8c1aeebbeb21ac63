import { expect } from "chai";
import { redisAgentSettings, sentinelInitSettings } from "../../../workers/agent/settings.ts";

const needed = { POD_NAME: "redis-0", AGENT_VERDICT_TIMEOUT_SECONDS: "120" };

describe("the agent's settings", () => {
  it("have the mounts of the pod as defaults", () => {
    expect(redisAgentSettings(needed)).to.deep.equal({
      podName: "redis-0",
      topologyFile: "/etc/sessiondb/topology/topology.json",
      accountsDirectory: "/etc/sessiondb/accounts",
      dataDirectory: "/data",
      port: 8380,
      verdictTimeoutSeconds: 120,
      logLevel: "info",
      runDirectory: "/run/sessiondb",
      overridesDirectory: "/etc/sessiondb/overrides",
      linkDownLimitSeconds: 10,
    });
    expect(sentinelInitSettings(needed)).to.include({
      settingsFile: "/etc/sessiondb/sentinel/sentinel.conf",
      authFile: "/etc/sessiondb/auth/auth.conf",
      aclFile: "/etc/sessiondb/acl/users.acl",
    });
  });

  it("report everything that is missing or wrong at once", () => {
    expect(() => redisAgentSettings({ AGENT_PORT: "0", AGENT_VERDICT_TIMEOUT_SECONDS: "soon" })).to.throw(
      /POD_NAME[\s\S]*AGENT_PORT[\s\S]*AGENT_VERDICT_TIMEOUT_SECONDS/,
    );
  });

  it("bound how long a link may be down", () => {
    const limit = (text: string) =>
      redisAgentSettings({ ...needed, AGENT_LINK_DOWN_LIMIT_SECONDS: text }).linkDownLimitSeconds;
    expect(limit("45")).to.equal(45);
    expect(() => limit("0")).to.throw(/AGENT_LINK_DOWN_LIMIT_SECONDS/);
  });

  it("do not take the acceptance of data loss from the environment, which would be the pod's template", () => {
    const settings = redisAgentSettings({ ...needed, AGENT_ACCEPT_DATA_LOSS: "gone" });
    expect(JSON.stringify(settings)).to.not.contain("gone");
  });
});
