import { expect } from "chai";
import fc from "fast-check";
import { selectForPruning, type BackupFact } from "../../../../workers/backup/retention.ts";

const DAY_MS = 24 * 3_600_000;
const NOW = Date.UTC(2025, 0, 31);

function aged(...days: number[]): BackupFact[] {
  return days.map((age) => ({ name: `d${age}`, createdAtMs: NOW - age * DAY_MS, good: true }));
}

const anyBackups = fc
  .array(fc.record({ age: fc.integer({ min: -20, max: 60 }), good: fc.boolean() }), { maxLength: 30 })
  .map((list) =>
    list.map(({ age, good }, at) => ({ name: `b${at}`, createdAtMs: NOW - age * DAY_MS - at, good })),
  );
const anyRules = fc.record({ retentionDays: fc.integer({ min: 1, max: 30 }), keepAtLeast: fc.nat(6) });

describe("selectForPruning", () => {
  it("names what is past retention, oldest first, and spares the wanted number", () => {
    const rules = { retentionDays: 7, keepAtLeast: 2 };
    expect(selectForPruning(aged(0, 1, 6, 8, 30), rules, NOW)).to.deep.equal(["d30", "d8"]);
    expect(selectForPruning(aged(8, 20, 30), rules, NOW)).to.deep.equal(["d30"]);
    expect(selectForPruning(aged(20, 30), rules, NOW)).to.deep.equal([]);
  });

  it("keeps a broken one until a newer good one exists", () => {
    const broken = { name: "broken", createdAtMs: NOW - 30 * DAY_MS, good: false };
    const rules = { retentionDays: 7, keepAtLeast: 1 };
    expect(selectForPruning([broken], rules, NOW)).to.deep.equal([]);
    expect(selectForPruning([broken, ...aged(40)], rules, NOW)).to.deep.equal([]);
    expect(selectForPruning([broken, ...aged(1)], rules, NOW)).to.deep.equal(["broken"]);
  });

  it("never selects the newest good one, whatever the clock says", () => {
    fc.assert(
      fc.property(anyBackups, anyRules, fc.integer({ min: -400, max: 4_000 }), (backups, rules, skewDays) => {
        const selected = new Set(selectForPruning(backups, rules, NOW + skewDays * DAY_MS));
        const good = backups.filter((it) => it.good).sort((a, b) => b.createdAtMs - a.createdAtMs);
        if (good[0]) expect(selected.has(good[0].name)).to.equal(false);
        const left = good.filter(({ name }) => !selected.has(name)).length;
        expect(left).to.be.at.least(Math.min(good.length, Math.max(1, rules.keepAtLeast)));
      }),
    );
  });

  it("never selects anything within retention, and is done after one pass", () => {
    fc.assert(
      fc.property(anyBackups, anyRules, (backups, rules) => {
        const selected = new Set(selectForPruning(backups, rules, NOW));
        for (const { name, createdAtMs } of backups) {
          if (NOW - createdAtMs <= rules.retentionDays * DAY_MS) expect(selected.has(name)).to.equal(false);
        }
        const left = backups.filter(({ name }) => !selected.has(name));
        expect(selectForPruning(left, rules, NOW)).to.deep.equal([]);
      }),
    );
  });
});
