import { randomInt } from "node:crypto";
import { PluginError } from "../rpc/pluginError.ts";
import { booleanAt, numberAt, stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** One kind of character that a text may, and how many times it must, hold. */
interface CharacterClass {
  readonly characters: string;
  readonly enabled: boolean;
  readonly atLeast: number;
}

/** What a random text must look like. */
export interface CharacterRules {
  readonly length: number;
  readonly classes: readonly CharacterClass[];
}

/** Values the SDK shows for settings that the program left out. */
export function withDefaults(inputs: JsonObject): JsonObject {
  const numeric = booleanAt(inputs, "numeric") ?? booleanAt(inputs, "number") ?? true;
  return {
    ...inputs,
    lower: booleanAt(inputs, "lower") ?? true,
    upper: booleanAt(inputs, "upper") ?? true,
    numeric,
    number: numeric,
    special: booleanAt(inputs, "special") ?? true,
    minLower: numberAt(inputs, "minLower") ?? 0,
    minUpper: numberAt(inputs, "minUpper") ?? 0,
    minNumeric: numberAt(inputs, "minNumeric") ?? 0,
    minSpecial: numberAt(inputs, "minSpecial") ?? 0,
  };
}

/**
 * Reads the rules from a RandomPassword's or RandomString's inputs.
 *
 * @throws PluginError `RANDOM_RULES` where no text can satisfy them
 */
export function characterRules(inputs: JsonObject): CharacterRules {
  const all = withDefaults(inputs);
  const length = numberAt(all, "length");
  if (length === undefined || !Number.isInteger(length) || length < 1) {
    throw invalid(`length is ${String(length)}, expected a whole number of at least 1`);
  }
  const kind = (flag: string, minimum: string, characters: string): CharacterClass => ({
    characters,
    enabled: booleanAt(all, flag) === true,
    atLeast: numberAt(all, minimum) ?? 0,
  });
  const classes = [
    kind("lower", "minLower", LOWER),
    kind("upper", "minUpper", UPPER),
    kind("numeric", "minNumeric", DIGITS),
    kind("special", "minSpecial", specialCharacters(all)),
  ];
  if (!classes.some(({ enabled }) => enabled)) {
    throw invalid("lower, upper, numeric and special are all off, expected at least one to be on");
  }
  const required = classes.reduce((sum, { atLeast }) => sum + atLeast, 0);
  if (required > length)
    throw invalid(`the minimums add up to ${required}, expected at most the length ${length}`);
  return { length, classes };
}

/** Draws a text by the rules from the system's cryptographic generator. */
export function randomText(rules: CharacterRules): string {
  const drawn = rules.classes.flatMap(({ characters, atLeast }) =>
    Array.from({ length: atLeast }, () => pick(characters)),
  );
  const alphabet = rules.classes
    .filter(({ enabled }) => enabled)
    .map(({ characters }) => characters)
    .join("");
  while (drawn.length < rules.length) drawn.push(pick(alphabet));
  return shuffle(drawn).join("");
}

function specialCharacters(inputs: JsonObject): string {
  const override = stringAt(inputs, "overrideSpecial");
  return override === undefined || override === "" ? SPECIAL : override;
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

/** Fisher and Yates: the required characters must not all stand in front. */
function shuffle(items: readonly string[]): string[] {
  const result: string[] = [];
  for (const item of items) {
    const position = randomInt(result.length + 1);
    const displaced = result[position];
    if (displaced === undefined) {
      result.push(item);
    } else {
      result[position] = item;
      result.push(displaced);
    }
  }
  return result;
}

function invalid(problem: string): PluginError {
  return new PluginError(
    "RANDOM_RULES",
    `Cannot make a random text: ${problem}. Correct the resource's arguments.`,
  );
}
