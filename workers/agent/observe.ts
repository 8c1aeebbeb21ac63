import type { CredentialSource } from "./accounts.ts";
import { isTrustworthy } from "./historyRecord.ts";
import { askInfo, liveVolume, runningView } from "./ownNode.ts";
import { briefly, RedisLink } from "./redisLink.ts";
import type { PeerView, SentinelView } from "./situation.ts";
import { parseStateMessage, stateUrl, type StateMessage } from "./stateMessage.ts";
import type { Member, Topology } from "./topology.ts";

/** What others answered at about one moment. */
export interface Observation {
  readonly peers: ReadonlyMap<string, PeerView>;
  readonly sentinels: ReadonlyMap<string, SentinelView>;
}

/** Settings of an Observer. */
export interface ObserverArgs {
  readonly topology: Topology;
  /** The own pod's name; it is not asked. */
  readonly self: string;
  /** Account known to Redis and to the Sentinels that may read their state. */
  readonly credentials: CredentialSource;
  /** Bound for each single answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Asks every expected peer and Sentinel, all at once. */
export class Observer {
  readonly #args: ObserverArgs;
  readonly #links = new Map<string, RedisLink>();

  constructor(args: ObserverArgs) {
    this.#args = args;
  }

  /** Never rejects: who gives no answer is `unreachable`. */
  async observe(): Promise<Observation> {
    const { topology, self } = this.#args;
    const others = (members: readonly Member[]): Member[] => members.filter(({ name }) => name !== self);
    const [peers, sentinels] = await Promise.all([
      Promise.all(others(topology.redis).map(async (it) => [it.name, await this.#lookAtPeer(it)] as const)),
      Promise.all(
        others(topology.sentinels).map(async (it) => [it.name, await this.#lookAtSentinel(it)] as const),
      ),
    ]);
    return { peers: new Map(peers), sentinels: new Map(sentinels) };
  }

  /** Ends all connections. */
  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  /** Its agent knows most; a node whose agent is gone still has a server that can be asked. */
  async #lookAtPeer(member: Member): Promise<PeerView> {
    let agentFailure: unknown;
    try {
      const message = await this.#askAgent(member);
      if (message.kind !== "unconfigured") return message;
      agentFailure = new Error("a Sentinel's agent answers at its address");
    } catch (error) {
      agentFailure = error;
    }
    try {
      const info = await askInfo(this.#linkTo(member));
      const unknown = { kind: "data", history: null, bytes: info.aofBytes, modifiedMs: 0 } as const;
      return runningView(info, isTrustworthy(info, null) ? liveVolume(info, null) : unknown);
    } catch (error) {
      return { kind: "unreachable", detail: `agent: ${briefly(agentFailure)}, Redis: ${briefly(error)}` };
    }
  }

  async #lookAtSentinel(member: Member): Promise<SentinelView> {
    const { masterName } = this.#args.topology;
    try {
      const reply = await this.#linkTo(member).ask((client) => client.call("SENTINEL", "MASTER", masterName));
      return parseSentinelMaster(reply);
    } catch (sentinelFailure) {
      try {
        if ((await this.#askAgent(member)).kind === "unconfigured") return { kind: "unconfigured" };
      } catch {
        // Its initial agent has ended, which is the usual case; the Sentinel's own error says more.
      }
      return { kind: "unreachable", detail: briefly(sentinelFailure) };
    }
  }

  async #askAgent(member: Member): Promise<StateMessage> {
    try {
      const response = await fetch(stateUrl(member), { signal: AbortSignal.timeout(this.#args.timeoutMs) });
      if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      return parseStateMessage(await response.text());
    } catch (error) {
      // fetch hides the connection's error in the cause.
      throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
    }
  }

  #linkTo(member: Member): RedisLink {
    const link =
      this.#links.get(member.name) ?? new RedisLink(member, this.#args.credentials, this.#args.timeoutMs);
    this.#links.set(member.name, link);
    return link;
  }
}

/**
 * Reads the reply of SENTINEL MASTER, a flat list of names and values.
 * @throws {Error} when it names no address
 */
export function parseSentinelMaster(reply: unknown): SentinelView {
  const fields = new Map<string, string>();
  if (Array.isArray(reply)) {
    for (let at = 0; at + 1 < reply.length; at += 2) fields.set(String(reply[at]), String(reply[at + 1]));
  }
  const host = fields.get("ip");
  const port = Number(fields.get("port"));
  if (host === undefined || !Number.isInteger(port))
    throw new Error("SENTINEL MASTER reply names no address");
  const flags = new Set((fields.get("flags") ?? "").split(","));
  return {
    kind: "configured",
    primary: { host, port },
    downAfterMs: Number(fields.get("down-after-milliseconds") ?? "0"),
    subjectivelyDown: flags.has("s_down"),
    subjectivelyDownMs: Number(fields.get("s-down-time") ?? "0"),
    objectivelyDown: flags.has("o_down"),
    failoverInProgress: flags.has("failover_in_progress"),
    configEpoch: Number(fields.get("config-epoch") ?? "0"),
  };
}
