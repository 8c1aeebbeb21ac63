import { expect } from "chai";
import { Topology } from "../../../components/topology.ts";
import { parseTopology } from "../../../workers/agent/topology.ts";
import { sentinelConfig } from "../../helpers/config.ts";
import { deployComponent } from "../../helpers/deployedComponents.ts";
import { at, resolve, textOf, type Deployment } from "../../helpers/pulumi.ts";

const deployTopology = (): Promise<Deployment<Topology>> =>
  deployComponent(
    sentinelConfig({ sentinel: { count: 5, quorum: 3 } }),
    (surroundings) => new Topology("sessiondb-topology", surroundings),
  );

describe("Topology", () => {
  it("gives every Redis and every Sentinel pod a ClusterIP of its own, also before it is ready", async () => {
    const deployment = await deployTopology();
    const pods = [
      "redis-0",
      "redis-1",
      "redis-2",
      ...[0, 1, 2, 3, 4].map((ordinal) => `sentinel-${ordinal}`),
    ];
    expect(deployment.ofType("Service").map(({ inputs }) => at(inputs, "metadata", "name"))).to.have.members(
      pods,
    );
    for (const pod of pods) {
      const { inputs } = deployment.find("Service", pod);
      expect(at(inputs, "spec", "type"), pod).to.equal("ClusterIP");
      expect(at(inputs, "spec", "publishNotReadyAddresses"), pod).to.equal(true);
      expect(at(inputs, "spec", "selector", "statefulset.kubernetes.io/pod-name"), pod).to.equal(pod);
    }
  });

  it("opens the agent's port beside the server's", async () => {
    const deployment = await deployTopology();
    const ports = (pod: string): unknown[] =>
      (at(deployment.find("Service", pod).inputs, "spec", "ports") as { port: number }[]).map(
        ({ port }) => port,
      );
    expect(ports("redis-0")).to.deep.equal([6379, 8380]);
    expect(ports("sentinel-0")).to.deep.equal([26379, 8380]);
  });

  it("writes a file that the agent reads, with the announced addresses of all", async () => {
    const deployment = await deployTopology();
    const map = deployment.find("ConfigMap", "sessiondb-topology-map");
    const topology = parseTopology(textOf(at(map.inputs, "data", "topology.json")));
    expect(topology).to.include({ masterName: "sessiondb", quorum: 3 });
    expect(topology.redis.map(({ name }) => name)).to.deep.equal(["redis-0", "redis-1", "redis-2"]);
    expect(topology.sentinels).to.have.lengthOf(5);
    for (const { host } of [...topology.redis, ...topology.sentinels])
      expect(host).to.match(/^10\.96\.\d+\.\d+$/);
    expect(topology.redis[0]).to.include({ port: 6379, agentPort: 8380 });
    expect(topology.sentinels[0]).to.include({ port: 26379, agentPort: 8380 });
  });

  it("names its ConfigMap only once that exists", async () => {
    const { result } = await deployTopology();
    expect(await resolve(result.configMapName)).to.match(/^sessiondb-topology-map-[0-9a-f]{8}$/);
  });
});
