import { expect } from "chai";
import { toleratedLinkDownSeconds } from "../../../workers/agent/linkAge.ts";
import type { SentinelView } from "../../../workers/agent/situation.ts";
import { names, silentSentinel, unconfigured } from "./worlds.ts";

function tolerated(...views: readonly SentinelView[]): number {
  return toleratedLinkDownSeconds(new Map(views.map((view, at) => [`sentinel-${at}`, view])), 10);
}

describe("how long a link may be down for Sentinel to promote its replica", () => {
  it("is ten times the down-after", () => {
    expect(tolerated(names("redis-0", { downAfterMs: 4_000 }))).to.equal(40);
  });

  it("grows with the time that the primary is held for down, so that links which broke with it stay young enough", () => {
    const down = { downAfterMs: 4_000, subjectivelyDown: true, subjectivelyDownMs: 90_500 };
    expect(tolerated(names("redis-0", down))).to.equal(130.5);
  });

  it("is what the most lenient Sentinel says, for any may lead a failover", () => {
    const lenient = names("redis-0", { subjectivelyDownMs: 7_000 });
    expect(tolerated(names("redis-0"), lenient, silentSentinel)).to.equal(17);
  });

  it("is the configured least while no Sentinel says more", () => {
    expect(tolerated(silentSentinel, unconfigured)).to.equal(10);
    expect(tolerated(names("redis-0", { downAfterMs: 200 }))).to.equal(10);
  });
});
