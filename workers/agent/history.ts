/**
 * Which of several copies of the data is the newest.
 *
 * Redis names a stream of writes by a replication id, made by the primary that generates it. Within one id the
 * copy with the higher offset holds everything that the other holds. A promotion, and a primary's start from its
 * own files, begin a new id. Each node remembers the ids that its own was preceded by (`superseded`), so the ids of
 * a set form a graph "was followed by". It is pooled over all nodes that answer, since a node that was
 * wiped and copied anew no longer knows its ancestors while another still does.
 *
 * The order:
 * 1. a copy whose id follows the other's id, directly or through others, is newer; also when the older copy has a
 *    higher offset, since its tail was written to a primary that the set had already left;
 * 2. the same id: a `complete` copy (the generator's own, see there) is newest, then the higher offset;
 * 3. anything else is unknown: two ids that nobody connects, a loop, files whose history nobody recorded.
 *
 * Limits. Offsets on a volume are a recorded sample plus the growth of the append-only file since then; the stream
 * also carries bytes that no file has (acknowledgement requests), so between two replicas stopped at the same moment
 * the estimate may err by what one sampling interval holds of those. Wall-clock times and epochs are never used:
 * where the order is unknown, the decision is left to a human.
 */
export interface History {
  /** The replication id of the stream that this copy belongs to. */
  readonly replicationId: string;
  /** Bytes of that stream which this copy holds. */
  readonly offset: number;
  /** Ids that came before, newest first. */
  readonly superseded: readonly string[];
  /**
   * True on the volume of the node that generated the stream as its primary, when nothing of it was lost since (same
   * boot of the machine, append-only file not shorter): no replica can then hold more, whatever the estimates say.
   */
  readonly complete: boolean;
}

/** What a node's volume holds; `data` without a history is a copy about which nothing was ever recorded. */
export type Volume =
  | { readonly kind: "empty" }
  | {
      readonly kind: "data";
      readonly history: History | null;
      /** Size of the data files in bytes. */
      readonly bytes: number;
      /** When a data file last changed, in milliseconds since 1970. */
      readonly modifiedMs: number;
    };

/** A node as a candidate in a comparison. */
export interface Copy {
  readonly name: string;
  /** Position in the topology: the last tie-break. */
  readonly ordinal: number;
  readonly volume: Volume;
}

/** How the first copy relates to the second. */
export type Order = "newer" | "older" | "same" | "unknown";

/** The newest of several copies, or why there is no saying. */
export type Ranking =
  | {
      readonly kind: "ranked";
      /** Nodes that hold the newest data, equally new, the preferred one first; all of them when all are empty. */
      readonly best: readonly string[];
      readonly allEmpty: boolean;
    }
  | {
      readonly kind: "undecidable";
      /** Two copies that nothing relates. */
      readonly between: readonly [string, string];
      /** Copies that no other is known to be newer than, in tie-break order: what an operator's override picks from. */
      readonly contenders: readonly string[];
    };

/** For each id, the ids that directly followed it. */
type Successors = ReadonlyMap<string, ReadonlySet<string>>;

/** Pools what all copies know about which id followed which. */
export function successorsIn(histories: readonly History[]): Successors {
  const successors = new Map<string, Set<string>>();
  for (const history of histories) {
    for (const older of history.superseded) {
      if (older === history.replicationId) continue;
      const following = successors.get(older) ?? new Set<string>();
      following.add(history.replicationId);
      successors.set(older, following);
    }
  }
  return successors;
}

/** Compares two histories by the order that this module describes. */
export function compareHistories(left: History, right: History, successors: Successors): Order {
  if (left.replicationId === right.replicationId) {
    if (left.complete !== right.complete) return left.complete ? "newer" : "older";
    if (left.offset === right.offset) return "same";
    return left.offset > right.offset ? "newer" : "older";
  }
  const leftFollows = reaches(right.replicationId, left.replicationId, successors);
  const rightFollows = reaches(left.replicationId, right.replicationId, successors);
  if (leftFollows === rightFollows) return "unknown";
  return leftFollows ? "newer" : "older";
}

/**
 * Finds the newest among the copies. Copies that are equally new are ordered by more bytes, then the later change,
 * then the lower ordinal; `preferred` (the primary that the Sentinels name) goes before all of them.
 */
export function rankCopies(copies: readonly Copy[], preferred?: string): Ranking {
  const filled = copies.filter((copy) => copy.volume.kind === "data");
  const [first] = filled;
  if (first === undefined) {
    return { kind: "ranked", best: names(copies, preferred), allEmpty: true };
  }
  if (filled.length === 1) return { kind: "ranked", best: [first.name], allEmpty: false };
  const successors = successorsIn(filled.map(historyOf).filter((history) => history !== null));
  const best: Copy[] = [];
  const contenders: Copy[] = [];
  let rival: readonly [string, string] = [first.name, first.name];
  for (const copy of filled) {
    const others = filled.filter((other) => other !== copy);
    const orders = others.map((other) => order(copy, other, successors));
    const unknown = orders.indexOf("unknown");
    if (unknown >= 0) rival = [copy.name, others[unknown]?.name ?? copy.name];
    if (orders.every((it) => it === "newer" || it === "same")) best.push(copy);
    if (!orders.includes("older")) contenders.push(copy);
  }
  if (best.length === 0) {
    // A loop of ids leaves nobody undefeated; then everybody is a contender.
    const open = contenders.length > 0 ? contenders : filled;
    return { kind: "undecidable", between: rival, contenders: names(open, preferred) };
  }
  return { kind: "ranked", best: names(best, preferred), allEmpty: false };
}

function order(left: Copy, right: Copy, successors: Successors): Order {
  const leftHistory = historyOf(left);
  const rightHistory = historyOf(right);
  if (leftHistory === null || rightHistory === null) return "unknown";
  return compareHistories(leftHistory, rightHistory, successors);
}

function historyOf(copy: Copy): History | null {
  return copy.volume.kind === "data" ? copy.volume.history : null;
}

function names(copies: readonly Copy[], preferred: string | undefined): string[] {
  return [...copies].sort((left, right) => tieBreak(left, right, preferred)).map((copy) => copy.name);
}

function tieBreak(left: Copy, right: Copy, preferred: string | undefined): number {
  if (left.name === preferred) return -1;
  if (right.name === preferred) return 1;
  if (left.volume.kind === "data" && right.volume.kind === "data") {
    if (left.volume.bytes !== right.volume.bytes) return right.volume.bytes - left.volume.bytes;
    if (left.volume.modifiedMs !== right.volume.modifiedMs)
      return right.volume.modifiedMs - left.volume.modifiedMs;
  }
  return left.ordinal - right.ordinal;
}

function reaches(from: string, to: string, successors: Successors): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of successors.get(id) ?? []) {
      if (next === to) return true;
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return false;
}
