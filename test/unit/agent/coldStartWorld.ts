import { rankCopies, type Volume } from "../../../workers/agent/history.ts";
import type { PeerView, SentinelView } from "../../../workers/agent/situation.ts";
import { decide } from "../../../workers/agent/verdict.ts";
import {
  names,
  replica,
  primary,
  situation,
  stopped,
  topology,
  unconfigured,
  unreachable,
} from "./worlds.ts";

/** How one node looks around: how many steps old its view of each other node is; null for no answer. */
export interface Look {
  readonly node: number;
  readonly ages: readonly (number | null)[];
  readonly sentinelAge: number;
}

/** Something that happens in a cold start. */
export type Step =
  | ({ readonly kind: "decide" } & Look)
  /** The Sentinels promote a promotable replica, or a new Sentinel set begins to monitor the running primary. */
  | { readonly kind: "sentinels" }
  /** A running replica copies the running primary. */
  | { readonly kind: "copy"; readonly node: number };

interface Moment {
  readonly nodes: readonly PeerView[];
  readonly named: number | null;
}

/**
 * A set that was stopped as a whole and comes back, simulated: the real verdict, views of any age and with gaps, and
 * what Sentinel does in between. Nobody crashes again; counting the primaries of one cold start is the point.
 */
export class ColdStartWorld {
  readonly #volumes: Volume[];
  readonly #moments: Moment[];
  /** Every node that ever became primary, in order. */
  readonly primaries: number[] = [];

  /** @param named the node that the Sentinels name, or null when they have no configuration */
  constructor(volumes: readonly Volume[], named: number | null) {
    this.#volumes = [...volumes];
    this.#moments = [{ nodes: volumes.map((volume) => stopped(volume)), named }];
  }

  /** The nodes that hold the newest data at the beginning, as an observer who sees everything would say. */
  static newest(volumes: readonly Volume[]): readonly string[] {
    const copies = volumes.map((volume, ordinal) => ({ name: `redis-${ordinal}`, ordinal, volume }));
    const ranking = rankCopies(copies);
    return ranking.kind === "ranked" ? ranking.best : [];
  }

  step(step: Step): void {
    if (step.kind === "decide") this.#decide(step);
    else if (step.kind === "copy") this.#copy(step.node);
    else this.#sentinelsAct();
  }

  /** Lets everything happen with fresh views until nothing changes any more. */
  settle(): void {
    for (let round = 0; round < 12; round += 1) {
      for (const node of this.#volumes.keys()) {
        this.#decide({ node, ages: this.#volumes.map(() => 0), sentinelAge: 0 });
        this.#copy(node);
      }
      this.#sentinelsAct();
    }
  }

  /** Roles of the nodes now; null for one that has not started. */
  roles(): (string | null)[] {
    return this.#now().nodes.map((view) => (view.kind === "running" ? view.role : null));
  }

  #now(): Moment {
    const last = this.#moments.at(-1);
    if (last === undefined) throw new Error("a world begins with a moment");
    return last;
  }

  #decide({ node, ages, sentinelAge }: Look): void {
    if (this.#now().nodes[node]?.kind !== "stopped") return;
    const peers: Record<string, PeerView> = {};
    for (const [other, { name }] of topology.redis.entries()) {
      const age = ages[other];
      peers[name] = age === null || age === undefined ? unreachable : this.#viewOf(other, age);
    }
    const self = topology.redis[node]?.name ?? "";
    const own = this.#volumes[node];
    const verdict = decide(situation({ self, own, peers, sentinels: this.#sentinelView(sentinelAge) }));
    if (verdict.kind === "primary") this.#become(node, primary(this.#volumes[node] ?? { kind: "empty" }));
    if (verdict.kind === "replica") {
      this.#become(node, replica(this.#volumes[node] ?? { kind: "empty" }, verdict.promotable));
    }
  }

  #sentinelsAct(): void {
    const { nodes, named } = this.#now();
    const isPrimary = (view: PeerView | undefined): boolean =>
      view?.kind === "running" && view.role === "primary";
    if (named === null) {
      const running = nodes.findIndex(isPrimary);
      if (running >= 0) this.#moments.push({ nodes, named: running });
      return;
    }
    if (isPrimary(nodes[named])) return;
    const chosen = nodes.findIndex(
      (view) => view.kind === "running" && view.role === "replica" && view.promotable,
    );
    if (chosen < 0) return;
    this.#become(chosen, primary(this.#volumes[chosen] ?? { kind: "empty" }));
    this.#moments.push({ nodes: this.#now().nodes, named: chosen });
  }

  #copy(node: number): void {
    const { nodes } = this.#now();
    const view = nodes[node];
    const source = nodes.findIndex((it) => it.kind === "running" && it.role === "primary");
    const volume = this.#volumes[source];
    if (view?.kind !== "running" || view.role !== "replica" || volume === undefined) return;
    this.#volumes[node] = volume;
    this.#become(node, replica(volume));
  }

  #become(node: number, view: PeerView): void {
    const { nodes, named } = this.#now();
    if (view.kind === "running" && view.role === "primary") this.primaries.push(node);
    this.#moments.push({ nodes: nodes.map((old, at) => (at === node ? view : old)), named });
  }

  #viewOf(node: number, age: number): PeerView {
    return this.#momentOf(age).nodes[node] ?? unreachable;
  }

  #sentinelView(age: number): SentinelView {
    const { named } = this.#momentOf(age);
    return named === null ? unconfigured : names(`redis-${named}`);
  }

  #momentOf(age: number): Moment {
    return this.#moments[Math.max(0, this.#moments.length - 1 - age)] ?? this.#now();
  }
}
