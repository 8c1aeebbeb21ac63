import { z } from "zod";

/** Where a Redis or Sentinel process is announced: the IP of its own Service, and the port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One expected pod of the set; the position in its list is the pod's ordinal. */
export interface Member extends Address {
  /** Pod name, such as `redis-0`. */
  readonly name: string;
  /** Port of the agent's HTTP status endpoint at the same host. */
  readonly agentPort: number;
}

/** Everybody who is expected: written by the program, the same for all pods. */
export interface Topology {
  /** The name under which the Sentinels know the primary. */
  readonly masterName: string;
  /** Sentinels that must agree before a primary counts as objectively down. */
  readonly quorum: number;
  readonly redis: readonly Member[];
  readonly sentinels: readonly Member[];
}

const port = z.number().int().min(1).max(65535);
const member = z.object({
  name: z.string().min(1),
  host: z.string().min(1),
  port,
  agentPort: port,
});
const schema = z.object({
  masterName: z.string().min(1),
  quorum: z.number().int().min(1),
  redis: z.array(member).min(1),
  sentinels: z.array(member).min(1),
});

/**
 * Reads the text of topology.json.
 * @throws {Error} naming each field that is missing or out of range
 */
export function parseTopology(text: string): Topology {
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success) {
    throw new Error(`topology file: ${z.prettifyError(result.error)}`, { cause: result.error });
  }
  return result.data;
}

/** Whether two addresses are the same place. */
export function sameAddress(left: Address, right: Address): boolean {
  return left.host === right.host && left.port === right.port;
}

/** The smallest count that is more than half of `total`. */
export function majorityOf(total: number): number {
  return Math.floor(total / 2) + 1;
}

/**
 * Finds a pod in one of the topology's lists.
 * @throws {Error} when the pod is not listed: the program and the pod then disagree about the set
 */
export function memberNamed(members: readonly Member[], name: string): Member {
  const found = members.find((member) => member.name === name);
  if (found !== undefined) return found;
  const known = members.map((member) => member.name).join(", ");
  throw new Error(
    `pod ${name} is not in the topology; it lists ${known}. Check POD_NAME and the topology file`,
  );
}
