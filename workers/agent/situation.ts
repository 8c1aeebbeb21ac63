import type { Volume } from "./history.ts";
import type { Address, Topology } from "./topology.ts";

/** What an agent has already answered its supervisor, while redis-server is still to appear. */
export type Decided = "primary" | "candidate" | "replica" | null;

/** What a starting node sees of another Redis node. */
export type PeerView =
  | {
      /** Neither its agent nor its redis-server gave an answer: nothing is known. */
      readonly kind: "unreachable";
      readonly detail: string;
    }
  | {
      /** Its agent answers and says that redis-server does not run. */
      readonly kind: "stopped";
      readonly volume: Volume;
      readonly decided: Decided;
    }
  | {
      /** Its redis-server runs. */
      readonly kind: "running";
      readonly role: "primary" | "replica";
      readonly loading: boolean;
      /** Whether Sentinel could promote it: replica priority above zero. */
      readonly promotable: boolean;
      /** Its data: live offset where the server knows it, else what its agent recorded. */
      readonly volume: Volume;
    };

/** What a starting node sees of a Sentinel. */
export type SentinelView =
  | { readonly kind: "unreachable"; readonly detail: string }
  | {
      /** Its pod has no configuration yet and says so. */
      readonly kind: "unconfigured";
    }
  | {
      readonly kind: "configured";
      readonly primary: Address;
      /** Milliseconds without a valid answer after which this Sentinel holds the primary for down. */
      readonly downAfterMs: number;
      /** This Sentinel alone gets no valid answer from the primary. */
      readonly subjectivelyDown: boolean;
      /** For how many milliseconds it has held the primary for down; 0 while it does not. */
      readonly subjectivelyDownMs: number;
      /** Enough Sentinels agree that it is down. */
      readonly objectivelyDown: boolean;
      readonly failoverInProgress: boolean;
      readonly configEpoch: number;
    };

/** Everything that a verdict is made from. */
export interface Situation {
  readonly topology: Topology;
  /** The pod that is to be started. */
  readonly self: string;
  readonly own: Volume;
  /** Every other expected Redis node by name. */
  readonly peers: ReadonlyMap<string, PeerView>;
  /** Every expected Sentinel by name. */
  readonly sentinels: ReadonlyMap<string, SentinelView>;
  /** Seconds since the supervisor asked. */
  readonly waitedSeconds: number;
  /** Seconds after which waiting is reported as a refusal. */
  readonly timeoutSeconds: number;
  /** The operator's reason for accepting that data may be lost; empty when nothing was accepted. */
  readonly acceptDataLoss: string;
}
