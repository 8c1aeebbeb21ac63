import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { hashSync } from "bcryptjs";
import { secret, UNKNOWN } from "../rpc/envelopes.ts";
import { numberAt, stringAt } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";
import { PluginError } from "../rpc/pluginError.ts";
import type { ResourceState } from "../rpc/plugin.ts";
import { characterRules, randomText, withDefaults } from "./characterRules.ts";

/** bcrypt's work factor, 2^10 rounds: that of the real plugin. */
const BCRYPT_COST = 10;

/** The id of resources whose value must not show up as an id. */
const HIDDEN_ID = "none";

/** Makes one resource from its plain inputs. */
export type Generator = (inputs: JsonObject) => ResourceState;

/** How to make each type of resource, and which of its outputs a preview cannot know. */
export interface RandomKind {
  readonly generate: Generator;
  readonly drawn: readonly string[];
  readonly secretOutputs: readonly string[];
}

const kinds: Readonly<Record<string, RandomKind>> = {
  RandomPassword: {
    generate: (inputs) => {
      const result = randomText(characterRules(inputs));
      return state(HIDDEN_ID, { ...withDefaults(inputs), result, bcryptHash: hashSync(result, BCRYPT_COST) });
    },
    drawn: ["result", "bcryptHash"],
    secretOutputs: ["result", "bcryptHash"],
  },
  RandomString: {
    generate: (inputs) => {
      const result = randomText(characterRules(inputs));
      return state(result, { ...withDefaults(inputs), result });
    },
    drawn: ["result"],
    secretOutputs: [],
  },
  RandomId: { generate: randomId, drawn: ["b64Std", "b64Url", "dec", "hex"], secretOutputs: [] },
  RandomUuid: {
    generate: (inputs) => {
      const result = randomUUID();
      return state(result, { ...inputs, result });
    },
    drawn: ["result"],
    secretOutputs: [],
  },
  RandomInteger: { generate: randomInteger, drawn: ["result"], secretOutputs: [] },
  RandomBytes: {
    generate: (inputs) => {
      const bytes = randomBytes(positive(inputs, "length"));
      return state(HIDDEN_ID, { ...inputs, base64: bytes.toString("base64"), hex: bytes.toString("hex") });
    },
    drawn: ["base64", "hex"],
    secretOutputs: ["base64", "hex"],
  },
};

/**
 * The generator for a type token such as `random:index/randomPassword:RandomPassword`.
 *
 * @throws PluginError `UNSUPPORTED_RESOURCE` for types the stand-in does not know
 */
export function randomKind(type: string): RandomKind {
  const kind = kinds[type.split(":").at(-1) ?? ""];
  if (kind !== undefined) return kind;
  throw new PluginError(
    "UNSUPPORTED_RESOURCE",
    `${type} is not supported by the stand-in random plugin, which knows ${Object.keys(kinds).join(", ")}. ` +
      "Install the real pulumi-resource-random to use it.",
  );
}

/** The outputs a preview may show: everything drawn is unknown, secrets are marked already. */
export function previewOutputs(kind: RandomKind, inputs: JsonObject): JsonObject {
  return markSecrets(kind, {
    ...inputs,
    ...Object.fromEntries(kind.drawn.map((name): [string, JsonValue] => [name, UNKNOWN])),
  });
}

/** Wraps the outputs that are always secret. */
export function markSecrets(kind: RandomKind, outputs: JsonObject): JsonObject {
  const marked = { ...outputs };
  for (const name of kind.secretOutputs) {
    const value = marked[name];
    if (value !== undefined) marked[name] = secret(value);
  }
  return marked;
}

function randomId(inputs: JsonObject): ResourceState {
  const bytes = randomBytes(positive(inputs, "byteLength"));
  const prefix = stringAt(inputs, "prefix") ?? "";
  const id = bytes.toString("base64url");
  return state(id, {
    ...inputs,
    b64Url: prefix + id,
    b64Std: prefix + bytes.toString("base64"),
    hex: prefix + bytes.toString("hex"),
    dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
  });
}

function randomInteger(inputs: JsonObject): ResourceState {
  const [min, max] = [numberAt(inputs, "min"), numberAt(inputs, "max")];
  if (min === undefined || max === undefined || min > max) {
    throw new PluginError(
      "RANDOM_RULES",
      `Cannot draw a number: min is ${String(min)} and max is ${String(max)}, expected min to be at most max. ` +
        "Correct the resource's arguments.",
    );
  }
  const result = randomInt(min, max + 1);
  return state(String(result), { ...inputs, result });
}

function positive(inputs: JsonObject, name: string): number {
  const value = numberAt(inputs, name);
  if (value !== undefined && Number.isInteger(value) && value > 0) return value;
  throw new PluginError(
    "RANDOM_RULES",
    `Cannot draw random bytes: ${name} is ${String(value)}, expected a whole number of at least 1. ` +
      "Correct the resource's arguments.",
  );
}

function state(id: string, properties: JsonObject): ResourceState {
  return { id, properties: { ...properties, id } };
}
