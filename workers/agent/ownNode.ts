import { liveHistory, isTrustworthy, type HistoryRecord } from "./historyRecord.ts";
import { INFO_SECTIONS, parseInfo, type ServerInfo } from "./infoReply.ts";
import { briefly, isRefused, type RedisLink } from "./redisLink.ts";
import type { Decided, PeerView } from "./situation.ts";
import type { Volume } from "./history.ts";
import { readRecord, readVolume } from "./volume.ts";

/** How the agent reaches what belongs to its own node. */
export interface OwnNodeArgs {
  readonly dataDirectory: string;
  /** Connection to the redis-server of the same pod. */
  readonly link: RedisLink;
  /** Identifies the machine's present boot. */
  readonly bootId: string;
  /** What the agent has answered to the supervisor's latest request. */
  readonly decided: () => Decided;
}

/** The own node as seen now. */
export interface OwnState {
  /** As peers are to see it. */
  readonly view: PeerView;
  /** Present when the server answered. */
  readonly info: ServerInfo | null;
}

/** Looks at the own node: the server when it runs, the volume when it does not or knows less than the record. */
export async function lookAtOwnNode(args: OwnNodeArgs): Promise<OwnState> {
  let info: ServerInfo;
  try {
    info = await askInfo(args.link);
  } catch (error) {
    if (!isRefused(error))
      return { view: { kind: "unreachable", detail: `Redis: ${briefly(error)}` }, info: null };
    const volume = await readVolume(args.dataDirectory, args.bootId);
    return { view: { kind: "stopped", volume, decided: args.decided() }, info: null };
  }
  const record = await readRecord(args.dataDirectory);
  const volume = isTrustworthy(info, record)
    ? liveVolume(info, record)
    : await readVolume(args.dataDirectory, args.bootId);
  return { view: runningView(info, volume), info };
}

/** Asks a server for what the agent wants to know of it. */
export async function askInfo(link: RedisLink): Promise<ServerInfo> {
  return parseInfo(await link.ask((client) => client.info(...INFO_SECTIONS)));
}

/** A running server as peers are to see it. */
export function runningView(info: ServerInfo, volume: Volume): PeerView {
  return {
    kind: "running",
    role: info.role,
    loading: info.loading,
    promotable: info.role === "replica" && info.priority > 0,
    volume,
  };
}

/** The data of a running server whose live values can be trusted. */
export function liveVolume(info: ServerInfo, record: HistoryRecord | null): Volume {
  return {
    kind: "data",
    history: liveHistory(info, record),
    bytes: info.aofBytes,
    // Ties are broken by files at rest; a running server's are always the present ones.
    modifiedMs: 0,
  };
}
