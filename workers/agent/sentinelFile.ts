import { sameAddress, type Address, type Topology } from "./topology.ts";

/** What the program decides about a Sentinel; refreshed at every start of its pod. */
export interface SentinelFileArgs {
  readonly masterName: string;
  readonly quorum: number;
  /** Everybody who is expected; whoever else a Sentinel remembers is forgotten. */
  readonly members: Pick<Topology, "redis" | "sentinels">;
  /** Where this Sentinel is announced. */
  readonly announce: Address;
  /** Its working directory, which the file lies in. */
  readonly directory: string;
  readonly aclFile: string;
  /** Settings lines from the program, without a monitor line; its port, dir and aclfile win over the fields here. */
  readonly settings: string;
  /** Lines with the Sentinels' passwords. */
  readonly auth: string;
}

/** A Sentinel's file after a refresh. */
export interface RefreshedFile {
  readonly text: string;
  /** The monitored address, which a refresh never changes. */
  readonly primary: Address;
  /** Whether the monitored address is one of the expected Redis nodes. */
  readonly primaryExpected: boolean;
  /** Lines about replicas and Sentinels that are not expected any more. */
  readonly forgotten: readonly string[];
}

/**
 * Lines in which Sentinel keeps its own state. Each is kept to the letter: they say who is primary, who was seen and which
 * vote was given, and are nobody else's to write. Those about nodes that left the set are the exception: see isGhost.
 */
const STATE =
  /^sentinel (myid|current-epoch|config-epoch|leader-epoch|known-replica|known-slave|known-sentinel)\s/;

/** Renders the first configuration of a Sentinel. */
export function renderSentinelFile(args: SentinelFileArgs, primary: Address): string {
  return render(args, primary, []);
}

/**
 * Renders a Sentinel's configuration anew around the state that it keeps in its file: the monitored address, epochs,
 * votes, its id and whom it knows of the expected nodes stay; everything else comes from the program.
 * @returns null when the file monitors no primary under the name: then it holds nothing to keep
 */
export function refreshSentinelFile(existing: string, args: SentinelFileArgs): RefreshedFile | null {
  const lines = existing.split("\n").map((line) => line.trim());
  const primary = lines.map((line) => monitored(line, args.masterName)).find((found) => found !== null);
  if (primary === undefined) return null;
  const state = lines.filter((line) => STATE.test(line));
  const forgotten = state.filter((line) => isGhost(line, args.members));
  return {
    text: render(
      args,
      primary,
      state.filter((line) => !forgotten.includes(line)),
    ),
    primary,
    primaryExpected: isAmong(args.members.redis, primary),
    forgotten,
  };
}

/**
 * Whether a line is about somebody who is not expected any more. Sentinel never forgets anybody by itself: Sentinels that
 * are gone for good still count as voters, so that a set made smaller may never find the majority for a failover.
 */
function isGhost(line: string, members: SentinelFileArgs["members"]): boolean {
  const [, kind, , host, port] = words(line);
  if (host === undefined || port === undefined) return false;
  const address = { host, port: Number(port) };
  if (kind === "known-sentinel") return !isAmong(members.sentinels, address);
  return (kind === "known-replica" || kind === "known-slave") && !isAmong(members.redis, address);
}

function isAmong(members: readonly Address[], address: Address): boolean {
  return members.some((member) => sameAddress(member, address));
}

function words(line: string): string[] {
  return line.split(/\s+/).map((word) => word.replace(/^"(.*)"$/, "$1"));
}

function monitored(line: string, masterName: string): Address | null {
  const [first, second, name, host, port] = words(line);
  if (first !== "sentinel" || second !== "monitor" || name !== masterName) return null;
  return host === undefined || port === undefined ? null : { host, port: Number(port) };
}

function render(args: SentinelFileArgs, primary: Address, state: readonly string[]): string {
  const { masterName, announce } = args;
  const settings = contentLines(args.settings);
  const defaults = [`port ${announce.port}`, `dir ${args.directory}`, `aclfile ${args.aclFile}`];
  const given = new Set(settings.map((line) => line.split(/\s+/, 1)[0]));
  return [
    ...defaults.filter((line) => !given.has(line.split(" ", 1)[0])),
    `sentinel announce-ip ${announce.host}`,
    `sentinel announce-port ${announce.port}`,
    `sentinel monitor ${masterName} ${primary.host} ${primary.port} ${args.quorum}`,
    ...settings,
    ...contentLines(args.auth),
    ...state,
    "",
  ].join("\n");
}

function contentLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}
