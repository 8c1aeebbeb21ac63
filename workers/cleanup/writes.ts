import type { RemovalKind } from "./ledger.ts";

/** One change that a decision asks for. Plain data, so that a dry run can count it instead of doing it. */
export type Write =
  | { readonly op: "unlink"; readonly key: string; readonly counts: RemovalKind }
  | {
      readonly op: "zrem" | "srem";
      readonly key: string;
      readonly member: string;
      readonly counts: RemovalKind;
    }
  | { readonly op: "rescore"; readonly key: string; readonly member: string; readonly score: number };

/** Reasons why nothing is done with an item, as the ledger counts them. */
export type Note = "undecidable" | "malformed" | "failed";

/** What is to become of one item. */
export interface Decision {
  readonly writes: readonly Write[];
  readonly note?: Note;
}

/** Leaves the item as it is. */
export const KEEP: Decision = { writes: [] };

/** A batch job that is safe against changes between look and write. */
export interface Work<T, L> {
  /** Keys whose change after the look must cancel the writes. */
  readonly guards: (item: T) => readonly string[];
  /** Reads the present state of the items, in their order. */
  readonly look: (items: readonly T[]) => Promise<readonly L[]>;
  /** Pure. */
  readonly decide: (item: T, look: L) => Decision;
}

/** Carries out decisions, or pretends to. */
export interface Store {
  /** Whether a dry run has "removed" the key already; always false when writing for real. */
  hides(key: string): boolean;
  /** The same for a member of an index. */
  hidesMember(key: string, member: string): boolean;
  /**
   * Looks, decides and writes for all items; several times where they change meanwhile.
   *
   * @returns how many items are still where they were found, so that a walk can step over them
   */
  settle<T, L>(items: readonly T[], work: Work<T, L>): Promise<number>;
}
