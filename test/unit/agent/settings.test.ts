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
      acceptDataLoss: "",
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

  it("take blank acceptance of data loss for none", () => {
    expect(redisAgentSettings({ ...needed, AGENT_ACCEPT_DATA_LOSS: "  " }).acceptDataLoss).to.equal("");
    expect(redisAgentSettings({ ...needed, AGENT_ACCEPT_DATA_LOSS: "gone" }).acceptDataLoss).to.equal("gone");
  });
});
