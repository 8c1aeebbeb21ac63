import { expect } from "chai";
import fc from "fast-check";
import { rankCopies, type Volume } from "../../../workers/agent/history.ts";
import type { PeerView, SentinelView, Situation } from "../../../workers/agent/situation.ts";
import { decide } from "../../../workers/agent/verdict.ts";
import {
  data,
  empty,
  names,
  silentSentinel,
  situation,
  topology,
  unconfigured,
  unreachable,
  unrecorded,
} from "./worlds.ts";

const RUNS = 3_000;

const volume: fc.Arbitrary<Volume> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(empty) },
  { weight: 1, arbitrary: fc.constant(unrecorded()) },
  {
    weight: 8,
    arbitrary: fc
      .record({
        id: fc.constantFrom("a", "b", "c"),
        offset: fc.integer({ min: 0, max: 4 }),
        superseded: fc.subarray(["a", "b", "c"]),
        complete: fc.boolean(),
      })
      .map(({ id, offset, superseded, complete }) => data(id, offset, { superseded, complete })),
  },
);
const peer: fc.Arbitrary<PeerView> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(unreachable) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("stopped" as const),
      volume,
      decided: fc.constantFrom(
        null,
        null,
        null,
        "primary" as const,
        "candidate" as const,
        "replica" as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("running" as const),
      role: fc.constantFrom("primary" as const, "replica" as const, "replica" as const),
      loading: fc.boolean(),
      promotable: fc.boolean(),
      volume,
    }),
  },
);
const flag = fc.integer({ min: 0, max: 5 }).map((it) => it === 0);
const sentinel: fc.Arbitrary<SentinelView> = fc.oneof(
  fc.constant(silentSentinel),
  fc.constant(unconfigured),
  fc
    .record({ node: fc.constantFrom("redis-0", "redis-0", "redis-1"), down: flag, failing: flag })
    .map(({ node, down, failing }) => names(node, { objectivelyDown: down, failoverInProgress: failing })),
);
const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    own: volume,
    one: peer,
    two: peer,
    sentinels: fc.oneof(sentinel, fc.tuple(sentinel, sentinel, sentinel)),
    self: fc.constantFrom("redis-0", "redis-1"),
    waitedSeconds: fc.constantFrom(0, 1_000),
  })
  .map(({ own, one, two, sentinels, self, waitedSeconds }) => {
    const [first = "", second = ""] = topology.redis.map(({ name }) => name).filter((name) => name !== self);
    return situation({ self, own, peers: { [first]: one, [second]: two }, sentinels, waitedSeconds });
  });

function views(seen: Situation): PeerView[] {
  return [...seen.peers.values()];
}

describe("the verdict, whatever a node sees", () => {
  it("never makes an empty node primary unless all expected nodes answer and all are empty", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        if (seen.own.kind !== "empty" || decide(seen).kind !== "primary") return;
        for (const view of views(seen)) {
          expect(view.kind).to.not.equal("unreachable");
          if (view.kind !== "unreachable") expect(view.volume.kind).to.equal("empty");
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("never makes an empty node the candidate for promotion unless all are empty", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        const verdict = decide(seen);
        if (seen.own.kind !== "empty" || verdict.kind !== "replica" || !verdict.promotable) return;
        for (const view of views(seen)) expect(view).to.have.nested.property("volume.kind", "empty");
      }),
      { numRuns: RUNS },
    );
  });

  it("never starts a primary beside a silent node, another primary, or one that could be promoted", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        if (decide(seen).kind !== "primary") return;
        const majorityNames =
          [...seen.sentinels.values()].filter((view) => view.kind === "configured").length >= 2;
        for (const view of views(seen)) {
          expect(view.kind).to.not.equal("unreachable");
          if (view.kind === "running") expect(view.role).to.equal("replica");
          if (view.kind === "stopped") expect(view.decided).to.not.equal("primary");
          if (majorityNames && view.kind === "running") expect(view.promotable).to.equal(false);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("never starts a primary or candidate while any peer holds newer data, or data that cannot be compared", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        const verdict = decide(seen);
        if (verdict.kind !== "primary" && !(verdict.kind === "replica" && verdict.promotable)) return;
        const copies = topology.redis.map(({ name }, ordinal) => {
          const view = seen.peers.get(name);
          const theirs = view === undefined || view.kind === "unreachable" ? seen.own : view.volume;
          return { name, ordinal, volume: theirs };
        });
        const ranking = rankCopies(copies);
        expect(ranking.kind).to.equal("ranked");
        if (ranking.kind === "ranked") expect(ranking.best).to.include(seen.self);
      }),
      { numRuns: RUNS },
    );
  });

  it("is the same after any time, but for a refusal in place of waiting", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        const early = decide({ ...seen, waitedSeconds: 0 });
        const late = decide({ ...seen, waitedSeconds: Number.MAX_SAFE_INTEGER });
        if (early.kind === "wait") expect(late).to.deep.equal({ ...early, kind: "refuse" });
        else expect(late).to.deep.equal(early);
      }),
      { numRuns: RUNS },
    );
  });

  it("never joins a primary that no majority of Sentinels names, unless all nodes answer or no Sentinel is configured", () => {
    fc.assert(
      fc.property(anySituation, (seen) => {
        const verdict = decide(seen);
        if (verdict.kind !== "replica") return;
        const { host } = verdict.of;
        const configured = [...seen.sentinels.values()].filter((view) => view.kind === "configured");
        const votes = configured.filter((view) => view.primary.host === host).length;
        const silent = views(seen).some((view) => view.kind === "unreachable");
        expect(votes >= 2 || configured.length === 0 || !silent).to.equal(true);
      }),
      { numRuns: RUNS },
    );
  });
});
