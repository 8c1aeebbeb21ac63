import type { PeerView, SentinelView } from "./situation.ts";
import { majorityOf, sameAddress, type Address, type Topology } from "./topology.ts";

/** What a Sentinel without a configuration sees. */
export interface SentinelSituation {
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, PeerView>;
  /** The other Sentinels. */
  readonly sentinels: ReadonlyMap<string, SentinelView>;
}

/** Whom a new Sentinel is to monitor, or what it waits for. */
export type SentinelChoice =
  | { readonly kind: "monitor"; readonly primary: Address; readonly reason: string }
  | { readonly kind: "wait"; readonly missing: string };

/**
 * Decides whom a Sentinel without a configuration monitors: whom the other Sentinels name, by the highest
 * configuration epoch, also while that node is down, for it is theirs to fail it over. Without any such Sentinel the one
 * running primary, provided that most nodes answer: a lone primary seen from a cut-off corner proves nothing.
 */
export function choosePrimary(situation: SentinelSituation): SentinelChoice {
  const named = namedBySentinels(situation);
  if (named.length > 1) {
    const places = named.map(({ host, port }) => `${host}:${port}`).join(" and ");
    return wait(`the other Sentinels name ${places} with the same configuration epoch`);
  }
  const [agreed] = named;
  if (agreed !== undefined) return monitor(agreed, "the other Sentinels name it");
  const { redis } = situation.topology;
  const answering = redis.filter(
    ({ name }) => (situation.nodes.get(name)?.kind ?? "unreachable") !== "unreachable",
  );
  const needed = majorityOf(redis.length);
  if (answering.length < needed) {
    return wait(`only ${answering.length} of ${redis.length} Redis nodes answer, ${needed} are needed`);
  }
  const primaries = answering.filter(({ name }) => isServingPrimary(situation.nodes.get(name)));
  const [primary] = primaries;
  if (primary === undefined) return wait("no Redis node runs as primary yet");
  if (primaries.length > 1) {
    return wait(`${primaries.map(({ name }) => name).join(" and ")} all run as primary`);
  }
  return monitor(primary, `${primary.name} is the only running primary`);
}

function namedBySentinels(situation: SentinelSituation): Address[] {
  const views = [...situation.sentinels.values()].filter((view) => view.kind === "configured");
  const newest = Math.max(...views.map((view) => view.configEpoch));
  const named: Address[] = [];
  for (const { primary, configEpoch } of views) {
    if (configEpoch === newest && !named.some((known) => sameAddress(known, primary))) named.push(primary);
  }
  return named;
}

function isServingPrimary(view: PeerView | undefined): boolean {
  return view?.kind === "running" && view.role === "primary" && !view.loading;
}

function monitor(primary: Address, reason: string): SentinelChoice {
  return { kind: "monitor", primary: { host: primary.host, port: primary.port }, reason };
}

function wait(missing: string): SentinelChoice {
  return { kind: "wait", missing };
}
