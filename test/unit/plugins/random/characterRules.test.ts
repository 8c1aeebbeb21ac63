import { expect } from "chai";
import fc from "fast-check";
import { characterRules, randomText, withDefaults } from "../../../../local/plugins/random/characterRules.ts";

const small = fc.integer({ min: 0, max: 5 });

describe("random texts", () => {
  it("have the asked length and at least the asked number of each kind of character", () => {
    fc.assert(
      fc.property(
        small,
        small,
        small,
        small,
        fc.integer({ min: 1, max: 40 }),
        (lower, upper, numeric, special, extra) => {
          const length = lower + upper + numeric + special + extra;
          const inputs = {
            length,
            minLower: lower,
            minUpper: upper,
            minNumeric: numeric,
            minSpecial: special,
          };
          const text = randomText(characterRules(inputs));
          const count = (pattern: RegExp) => [...text.matchAll(pattern)].length;
          expect(text).to.have.length(length);
          expect(count(/[a-z]/g)).to.be.at.least(lower);
          expect(count(/[A-Z]/g)).to.be.at.least(upper);
          expect(count(/[0-9]/g)).to.be.at.least(numeric);
          expect(count(/[^a-zA-Z0-9]/g)).to.be.at.least(special);
        },
      ),
    );
  });

  it("hold only the kinds of characters that are on", () => {
    const digits = randomText(characterRules({ length: 200, lower: false, upper: false, special: false }));
    expect(digits).to.match(/^[0-9]{200}$/);
    const special = { length: 50, lower: false, upper: false, number: false, overrideSpecial: "_" };
    expect(randomText(characterRules(special))).to.equal("_".repeat(50));
  });

  it("do not put the required characters at a fixed place", () => {
    const rules = characterRules({ length: 10, upper: false, special: false, lower: true, minNumeric: 1 });
    const places = new Set(Array.from({ length: 300 }, () => randomText(rules).search(/[0-9]/)));
    expect(places.size).to.be.greaterThan(3);
  });

  it("are refused where no text could satisfy the rules", () => {
    expect(() => characterRules({ length: 3, minLower: 4 })).to.throw(
      /add up to 4, expected at most the length 3/,
    );
    expect(() => characterRules({ length: 0 })).to.throw(/length is 0/);
    const nothing = { length: 3, lower: false, upper: false, numeric: false, special: false };
    expect(() => characterRules(nothing)).to.throw(/at least one/);
  });

  it("show the defaults the way the SDK does", () => {
    expect(withDefaults({ length: 1, number: false })).to.deep.equal({
      length: 1,
      lower: true,
      upper: true,
      numeric: false,
      number: false,
      special: true,
      minLower: 0,
      minUpper: 0,
      minNumeric: 0,
      minSpecial: 0,
    });
  });
});
