import type { types } from "@pulumi/kubernetes";
import { expect } from "chai";
import { redisPodSpec, type RedisPodArgs } from "../../../../components/redis/redisPod.ts";
import { redisAgentSettings } from "../../../../workers/agent/settings.ts";
import type { AppConfig } from "../../../../stacks/configSchema.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";

type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;

const REPLICATED = {
  topologyMapName: "topology-1",
  authSecretName: "redis-auth",
  overridesSecretName: "redis-overrides",
  workerImage: "worker:1",
};

function spec(config: AppConfig, args: Partial<RedisPodArgs> = {}): types.input.core.v1.PodSpec {
  return redisPodSpec({
    config,
    serviceAccountName: "account",
    confMapName: "conf-1",
    scriptsMapName: "scripts-1",
    aclSecretName: "redis-acl",
    ...args,
  });
}

const standalone = spec(testConfig());
const replicated = spec(sentinelConfig(), { replicated: REPLICATED });

function container(pod: types.input.core.v1.PodSpec, name: string): Container {
  const found = (pod.containers as Container[]).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

function mounts(one: Container): Record<string, string> {
  const list = one.volumeMounts as { name: string; mountPath: string }[];
  return Object.fromEntries(list.map(({ name, mountPath }): [string, string] => [mountPath, name]));
}

function volumes(pod: types.input.core.v1.PodSpec): Record<string, Volume> {
  const list = pod.volumes as (Volume & { name: string })[];
  return Object.fromEntries(list.map((volume): [string, Volume] => [volume.name, volume]));
}

describe("the pod of a Redis", () => {
  it("runs the server directly in standalone mode, with no agent beside it", () => {
    expect(container(standalone, "redis").command).to.deep.equal([
      "redis-server",
      "/etc/sessiondb/redis/redis.conf",
    ]);
    expect(standalone.containers).to.have.lengthOf(1);
  });

  it("runs the supervisor in sentinel mode, with the agent beside it", () => {
    expect(container(replicated, "redis").command).to.deep.equal(["sh", "/etc/sessiondb/scripts/launch.sh"]);
    expect(container(replicated, "agent").args).to.deep.equal(["/app/agent.mjs", "redis"]);
    expect(container(replicated, "agent").image).to.equal("worker:1");
  });

  it("mounts everything where redis.conf and the scripts look for it", () => {
    expect(mounts(container(replicated, "redis"))).to.deep.equal({
      "/data": "data",
      "/etc/sessiondb/redis": "conf",
      "/etc/sessiondb/scripts": "scripts",
      "/etc/sessiondb/acl": "acl",
      "/etc/sessiondb/auth": "auth",
      "/etc/sessiondb/accounts/monitor": "account-monitor",
      "/run/sessiondb": "run",
    });
    expect(mounts(container(standalone, "redis"))).not.to.have.property("/etc/sessiondb/auth");
  });

  it("gives the agent the accounts that it works with, the data, and the mailbox it shares with the supervisor", () => {
    expect(mounts(container(replicated, "agent"))).to.deep.equal({
      "/data": "data",
      "/run/sessiondb": "run",
      "/etc/sessiondb/topology": "topology",
      "/etc/sessiondb/overrides": "overrides",
      "/etc/sessiondb/accounts/monitor": "account-monitor",
      "/etc/sessiondb/accounts/admin": "account-admin",
    });
  });

  it("gives the server's container no account but the monitor's", () => {
    const accounts = Object.keys(mounts(container(replicated, "redis"))).filter((path) =>
      path.includes("/accounts/"),
    );
    expect(accounts).to.deep.equal(["/etc/sessiondb/accounts/monitor"]);
  });

  it("has a volume for every mount and no other, the data's coming from the claim", () => {
    for (const pod of [standalone, replicated]) {
      const mounted = new Set((pod.containers as Container[]).flatMap((one) => Object.values(mounts(one))));
      mounted.delete("data");
      expect(Object.keys(volumes(pod))).to.have.members([...mounted]);
    }
  });

  it("mounts Secrets so that only the pod's group reads them", () => {
    for (const name of ["acl", "auth", "account-monitor", "account-admin"]) {
      expect(volumes(replicated)[name], name).to.have.nested.property("secret.defaultMode", 0o440);
    }
  });

  it("tells the agent by its environment what its settings reader asks for", () => {
    const config = sentinelConfig({
      agent: { verdictTimeoutSeconds: 90 },
      logLevel: "debug",
    });
    const env = container(spec(config, { replicated: REPLICATED }), "agent").env as {
      name: string;
      value?: string;
    }[];
    const environment = Object.fromEntries(env.map(({ name, value }) => [name, value ?? "redis-0"]));
    expect(redisAgentSettings(environment)).to.include({
      podName: "redis-0",
      topologyFile: "/etc/sessiondb/topology/topology.json",
      accountsDirectory: "/etc/sessiondb/accounts",
      dataDirectory: "/data",
      runDirectory: "/run/sessiondb",
      port: 8380,
      verdictTimeoutSeconds: 90,
      logLevel: "debug",
    });
  });

  it("limits memory to what it requests, and CPU only where the configuration does", () => {
    const config = testConfig({ redis: { memoryLimit: "640Mi", cpuRequest: "250m" } });
    expect(container(spec(config), "redis").resources).to.deep.equal({
      requests: { cpu: "250m", memory: "640Mi" },
      limits: { memory: "640Mi" },
    });
    const limited = testConfig({ redis: { cpuLimit: "2" } });
    expect(container(spec(limited), "redis").resources).to.have.nested.property("limits.cpu", "2");
  });

  it("has more time to end than a failover takes", () => {
    expect(replicated.terminationGracePeriodSeconds).to.be.at.least(60);
  });

  it("counts as started once the data is loaded; beside an agent, which may rightly wait, once anything answers", () => {
    expect(container(standalone, "redis").startupProbe).to.have.nested.property(
      "exec.command[1]",
      "/etc/sessiondb/scripts/ready.sh",
    );
    expect(container(replicated, "redis").startupProbe).to.have.nested.property(
      "exec.command[1]",
      "/etc/sessiondb/scripts/live.sh",
    );
  });
});
