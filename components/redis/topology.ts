/** The topology file: every Redis and Sentinel pod by the address that it announces. Pure. */
import { AGENT_PORT, REDIS_PORT, SENTINEL_PORT } from "../../workers/shared/ports.ts";
import { NAMES, podName } from "../names.ts";
import { MASTER_NAME } from "./sentinelConf.ts";

/** Where the topology appears in a container. */
export const TOPOLOGY_DIRECTORY = "/etc/sessiondb/topology";
/** Name of the file. */
export const TOPOLOGY_FILE = "topology.json";

/** Addresses of the pods' Services, in the order of the ordinals. */
export interface TopologyAddresses {
  readonly redis: readonly string[];
  readonly sentinels: readonly string[];
  readonly quorum: number;
}

/** Renders the topology for the agents. */
export function renderTopology(addresses: TopologyAddresses): string {
  const node = (set: string, port: number) => (host: string, ordinal: number) => ({
    name: podName(set, ordinal),
    host,
    port,
    agentPort: AGENT_PORT,
  });
  const topology = {
    masterName: MASTER_NAME,
    quorum: addresses.quorum,
    redis: addresses.redis.map(node(NAMES.redis, REDIS_PORT)),
    sentinels: addresses.sentinels.map(node(NAMES.sentinel, SENTINEL_PORT)),
  };
  return `${JSON.stringify(topology, undefined, 2)}\n`;
}
