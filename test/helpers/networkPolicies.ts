/**
 * Says whether NetworkPolicies let a connection through, by the rules of the Kubernetes API: a pod that no policy selects
 * for a direction is open in it, any other accepts what at least one of its policies lists. Pure.
 */
import { BlockList } from "node:net";
import { at, reveal, type Plain, type PlainObject } from "./pulumi.ts";

/** One end of a connection. */
export interface Peer {
  /** Namespace of the pod; undefined for a place outside of the cluster. */
  readonly namespace?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Address, for rules with address ranges. */
  readonly ip?: string;
}

/** A connection to be judged. */
export interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

/** Whether the policies let the connection through, at both of its ends. */
export function isAllowed(policies: readonly PlainObject[], connection: Connection): boolean {
  return (
    passes(policies, "Egress", connection.from, connection.to, connection) &&
    passes(policies, "Ingress", connection.to, connection.from, connection)
  );
}

function passes(
  policies: readonly PlainObject[],
  direction: "Ingress" | "Egress",
  subject: Peer,
  other: Peer,
  connection: Connection,
): boolean {
  const applying = policies.filter(
    (policy) =>
      subject.namespace !== undefined &&
      at(policy, "metadata", "namespace") === subject.namespace &&
      list(at(policy, "spec", "policyTypes")).includes(direction) &&
      selects(at(policy, "spec", "podSelector"), subject.labels),
  );
  if (applying.length === 0) return true;
  const [rules, peers] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
  return applying.some((policy) =>
    list(at(policy, "spec", rules)).some(
      (rule) => portMatches(at(rule, "ports"), connection) && peerMatches(policy, at(rule, peers), other),
    ),
  );
}

/** An absent list of ports means every port. */
function portMatches(ports: Plain, { port, protocol }: Connection): boolean {
  if (ports === undefined) return true;
  return list(ports).some(
    (entry) =>
      (at(entry, "protocol") ?? "TCP") === protocol &&
      [undefined, port].includes(at(entry, "port") as number),
  );
}

/** An absent list of peers means everybody. */
function peerMatches(policy: PlainObject, peers: Plain, other: Peer): boolean {
  if (peers === undefined) return true;
  return list(peers).some((peer) => {
    const block = at(peer, "ipBlock", "cidr");
    if (typeof block === "string") return other.ip !== undefined && contains(block, other.ip);
    if (other.namespace === undefined) return false;
    const namespaceSelector = at(peer, "namespaceSelector");
    const inNamespace =
      namespaceSelector === undefined
        ? other.namespace === at(policy, "metadata", "namespace")
        : selects(namespaceSelector, {
            "kubernetes.io/metadata.name": other.namespace,
            ...other.namespaceLabels,
          });
    const podSelector = at(peer, "podSelector");
    return inNamespace && (podSelector === undefined || selects(podSelector, other.labels));
  });
}

/** An empty selector selects everything. Expressions are refused, for a wrong answer would be worse than none. */
function selects(selector: Plain, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, ...others } = (reveal(selector) ?? {}) as PlainObject;
  if (Object.keys(others).length > 0)
    throw new Error(`no support for selectors with ${Object.keys(others).join()}`);
  return Object.entries(matchLabels as Record<string, string>).every(([key, value]) => labels[key] === value);
}

function contains(cidr: string, ip: string): boolean {
  const [network = "", bits] = cidr.split("/");
  const family = network.includes(":") ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(ip, ip.includes(":") ? "ipv6" : "ipv4");
}

function list(value: Plain): Plain[] {
  const open = reveal(value);
  return Array.isArray(open) ? open : [];
}
