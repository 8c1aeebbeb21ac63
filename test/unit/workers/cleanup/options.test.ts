import { expect } from "chai";
import { Budget } from "../../../../workers/cleanup/budget.ts";
import { resumable } from "../../../../workers/cleanup/cursorStore.ts";
import { readCleanupSettings } from "../../../../workers/cleanup/options.ts";
import { cleanupTarget } from "../../../../workers/cleanup/run.ts";
import { ConfigurationError } from "../../../../workers/shared/errors/configurationError.ts";

describe("cleanup settings", () => {
  it("have the documented defaults", () => {
    expect(readCleanupSettings(["cache"], {})).to.deep.equal({
      scope: "cache",
      dryRun: false,
      bindingDirectory: "/etc/sessiondb/accounts/cleanup",
      batchSize: 200,
      scanCount: 500,
      maxSeconds: 240,
      cacheMaxEntriesPerService: 10_000,
      cacheDefaultTtlSeconds: 86_400,
      logLevel: "info",
    });
  });

  it("turn on the dry run by argument or environment", () => {
    expect(readCleanupSettings(["sessions", "--dry-run"], {}).dryRun).to.equal(true);
    expect(readCleanupSettings(["sessions"], { CLEANUP_DRY_RUN: "true" }).dryRun).to.equal(true);
  });

  it("refuse unknown arguments together with bad values", () => {
    const bad = () => readCleanupSettings(["sessions", "--force"], { CLEANUP_SCAN_COUNT: "-1" });
    expect(bad).to.throw(ConfigurationError, /--force[^]*CLEANUP_SCAN_COUNT/);
    expect(() => readCleanupSettings([], {})).to.throw(ConfigurationError, "usage");
    expect(() => readCleanupSettings(["sessions", "cache"], {})).to.throw(ConfigurationError, "usage");
  });

  it("lead the cache scope to its own instance, or to its database on the shared one", () => {
    const sentinel = { masterName: "sessiondb", addresses: [] };
    const binding = {
      host: "redis",
      port: 6_379,
      username: "u",
      password: "p",
      database: 0,
      cacheDatabase: 1,
      sentinel,
    };
    expect(cleanupTarget(binding, "sessions")).to.equal(binding);
    expect(cleanupTarget(binding, "cache")).to.deep.include({ host: "redis", database: 1, sentinel });
    const own = cleanupTarget({ ...binding, cache: { host: "cache", port: 7_000 } }, "cache");
    expect(own).to.deep.include({ host: "cache", port: 7_000, database: 1 });
    expect(own).not.to.have.property("sentinel");
  });

  it("resume only a readable cursor of the same server process", () => {
    expect(resumable(JSON.stringify({ cursor: "42", runId: "a" }), "a")).to.equal("42");
    for (const kept of [
      null,
      "",
      "{",
      "[]",
      '"42"',
      '{"cursor":"42","runId":"b"}',
      '{"cursor":"x","runId":"a"}',
    ]) {
      expect(resumable(kept, "a"), String(kept)).to.equal("0");
    }
  });

  it("bound a run by time, by shares of it and by signals", () => {
    let now = 0;
    const stop = new AbortController();
    const lost = new AbortController();
    const budget = new Budget({ maxMs: 100, signal: stop.signal, now: () => now });
    const share = budget.share(0.5);
    const guarded = budget.under(lost.signal);
    now = 60;
    expect([budget.isSpent(), share.isSpent(), guarded.isSpent()]).to.deep.equal([false, true, false]);
    lost.abort();
    expect([budget.isSpent(), guarded.isSpent()]).to.deep.equal([false, true]);
    stop.abort();
    expect(budget.isSpent()).to.equal(true);
    expect(budget.elapsedMs()).to.equal(60);
  });
});
