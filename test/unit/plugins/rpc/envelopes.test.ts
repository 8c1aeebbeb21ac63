import { expect } from "chai";
import fc from "fast-check";
import {
  copySecrets,
  hasSecret,
  hasUnknown,
  isSecret,
  normalise,
  plain,
  secret,
  UNKNOWN,
} from "../../../../local/plugins/rpc/envelopes.ts";
import { isObject } from "../../../../local/plugins/rpc/json.ts";
import type { JsonValue } from "../../../../local/plugins/rpc/json.ts";
import { json } from "../arbitraries.ts";

const OUTPUT = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };

/** JSON in which some places are wrapped as secrets. */
const withSecrets: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "value" },
    fc.constantFrom<JsonValue>(null, true, 1, "text"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
    tie("value").map((value) => secret(value)),
  ),
})).value;

/** Marks each leaf with its own text, so that it can be searched for. */
function markLeaves(value: JsonValue, path = "leaf"): JsonValue {
  if (isSecret(value)) return secret(markLeaves(value.value, path));
  if (Array.isArray(value)) return value.map((item, index) => markLeaves(item, `${path}-${index}`));
  if (!isObject(value)) return `<${path}>`;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, markLeaves(item ?? null, `${path}-${key}`)]),
  );
}

/** Leaves outside of all secrets. */
function visibleLeaves(value: JsonValue | undefined): JsonValue[] {
  if (isSecret(value) || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(visibleLeaves);
  return isObject(value) ? Object.values(value).flatMap(visibleLeaves) : [value];
}

/** Leaves inside of a secret. */
function hiddenLeaves(value: JsonValue | undefined): JsonValue[] {
  if (isSecret(value)) return visibleLeaves(plain(value));
  if (Array.isArray(value)) return value.flatMap(hiddenLeaves);
  return isObject(value) ? Object.values(value).flatMap(hiddenLeaves) : [];
}

describe("property envelopes", () => {
  it("open to what was wrapped, once or twice", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(plain(secret(value))).to.deep.equal(plain(value));
        expect(plain(secret(secret(value)))).to.deep.equal(plain(value));
      }),
    );
  });

  it("never lose a secret when copied onto the plain value, and change nothing else", () => {
    fc.assert(
      fc.property(withSecrets, (shape) => {
        const marked = markLeaves(shape);
        const copied = copySecrets(marked, plain(marked));
        expect(plain(copied)).to.deep.equal(plain(marked));
        const visible = new Set(visibleLeaves(copied));
        for (const leaf of hiddenLeaves(marked))
          expect(visible.has(leaf), JSON.stringify(leaf)).to.equal(false);
      }),
    );
  });

  it("hide a value as a whole where it no longer has the shape of its secret", () => {
    const shape = { list: [secret("a"), "b"], object: { key: secret("a") } };
    const copied = copySecrets(shape, { list: ["a"], object: "a", other: "o" });
    expect(copied).to.deep.equal({ list: secret(["a"]), object: secret("a"), other: "o" });
  });

  it("show whether something inside is secret or unknown", () => {
    expect(hasSecret([{ a: secret(1) }])).to.equal(true);
    expect(hasSecret([{ a: 1 }])).to.equal(false);
    expect(hasUnknown({ a: [UNKNOWN] })).to.equal(true);
    expect(hasUnknown(secret({ a: UNKNOWN }))).to.equal(true);
    expect(hasUnknown({ a: [] })).to.equal(false);
  });

  it("turn output values into plain, unknown and secret ones", () => {
    expect(normalise({ ...OUTPUT, value: 1 })).to.equal(1);
    expect(normalise({ ...OUTPUT })).to.equal(UNKNOWN);
    expect(normalise([{ ...OUTPUT, value: { a: { ...OUTPUT, value: 2 } }, secret: true }])).to.deep.equal([
      secret({ a: 2 }),
    ]);
  });
});
