import { expect } from "chai";
import { EnvReader } from "../../../../workers/shared/env.ts";
import { ConfigurationError } from "../../../../workers/shared/errors/configurationError.ts";

describe("EnvReader", () => {
  it("reads values and falls back on defaults, an empty variable being none", () => {
    const env = new EnvReader({ A: "12", B: "", C: " yes ", D: "warn" });
    expect(env.integer("A", { min: 0, max: 100 })).to.equal(12);
    expect(env.integer("B", { min: 0, max: 100, default: 0 })).to.equal(0);
    expect(env.flag("C", false)).to.equal(true);
    expect(env.choice("D", ["info", "warn"], "info")).to.equal("warn");
    expect(env.text("E", "fallback")).to.equal("fallback");
    expect(env.optionalText("E")).to.equal(undefined);
    env.done();
  });

  it("reports every problem at once and turns none into a default", () => {
    const env = new EnvReader({ A: "12x", B: "101", C: "perhaps", D: "loud", F: "1.5", G: "0x10" });
    const rule = { min: 0, max: 100, default: 5 };
    for (const name of ["A", "B", "F", "G"]) env.integer(name, rule);
    env.flag("C", true);
    env.choice("D", ["info"], "info");
    env.text("E");
    env.integer("H", { min: 1, max: 2 });
    env.problem("A and B contradict each other");
    let thrown: unknown;
    try {
      env.done();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).to.be.instanceOf(ConfigurationError);
    const { problems, code } = thrown as ConfigurationError;
    expect(code).to.equal("BAD_CONFIGURATION");
    expect(problems.map((problem) => problem[0])).to.deep.equal([
      "A",
      "B",
      "F",
      "G",
      "C",
      "D",
      "E",
      "H",
      "A",
    ]);
    expect(problems[1]).to.equal('B is "101"; give a whole number from 0 to 100');
  });
});
