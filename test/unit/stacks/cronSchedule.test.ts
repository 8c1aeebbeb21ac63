import { expect } from "chai";
import { isCronSchedule, longestGapDays } from "../../../stacks/cronSchedule.ts";

describe("Cron schedules", () => {
  for (const good of [
    "* * * * *",
    "*/5 * * * *",
    "0 2 * * 0",
    "0,30 8-18/2 1 JAN-jun Mon-Fri",
    "5/10 0 31 12 6",
  ]) {
    it(`takes ${good}`, () => expect(isCronSchedule(good)).to.equal(true));
  }

  for (const bad of [
    "",
    "@daily",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "a * * * *",
    "0 2  * * *",
    "0 2 * * 7",
    "0 0 0 * *",
    "1-2-3 * * * *",
    "1/2/3 * * * *",
    "-1 * * * *",
  ]) {
    it(`refuses "${bad}"`, () => expect(isCronSchedule(bad)).to.equal(false));
  }

  for (const [schedule, days] of [
    ["*/5 * * * *", 1],
    ["0 2 * * *", 1],
    ["0 2 * * 0", 7],
    ["0 2 * * 1,4", 4],
    ["0 2 1 * *", 31],
    ["0 2 1 1 *", 366],
    ["0 2 1 * 1", 7],
  ] as const) {
    it(`finds ${days} days at most between two runs of ${schedule}`, () =>
      expect(longestGapDays(schedule)).to.equal(days));
  }

  it("refuses to measure what is no schedule", () => {
    expect(() => longestGapDays("often")).to.throw(RangeError, 'not a cron schedule: "often"');
  });
});
