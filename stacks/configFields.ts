/**
 * The kinds of value that configuration is made of. Each field's error text *is* its allowed range, so that a
 * problem report can print it as it stands; each description ends up in the generated reference page.
 *
 * `pulumi config set` writes text unless it is told otherwise, so numbers and booleans are accepted as text too,
 * but only in their exact spelling: "3" is 3, while "3 " or "yes" is a problem and never silently a default.
 */
import { z } from "zod";
import { parseKubernetesQuantity, parseRedisSize } from "../components/redis/memory.ts";

const asNumber = (value: unknown): unknown =>
  typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? Number(value) : value;

const asBoolean = (value: unknown): unknown => (value === "true" ? true : value === "false" ? false : value);

/** An empty text means "not set": that is how Pulumi.yaml's `config:` block declares an optional text. */
const emptyAsUnset = (value: unknown): unknown => (value === "" ? undefined : value);

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number, description: string): z.ZodType<number> {
  const allowed = `a whole number from ${min} to ${max}`;
  const schema = z.int({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed });
  return z.preprocess(asNumber, schema).meta({ description, allowed });
}

/** `true` or `false`. */
export function flag(description: string): z.ZodType<boolean> {
  const allowed = "true or false";
  return z.preprocess(asBoolean, z.boolean({ error: allowed })).meta({ description, allowed });
}

/** One of a closed list of words. */
export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
): z.ZodType<T[number]> {
  const allowed = `one of: ${values.join(", ")}`;
  return z.literal(values, { error: allowed }).meta({ description, allowed });
}

/** Text that matches a pattern; `allowed` says in words what the pattern admits. */
export function text(
  pattern: RegExp,
  allowed: string,
  example: string,
  description: string,
): z.ZodType<string> {
  const schema = z.string({ error: allowed }).regex(pattern, { error: allowed });
  return schema.meta({ description, allowed, examples: [example] });
}

/** A field that may be left out; for a text, empty means the same. */
export function optional<T>(schema: z.ZodType<T>): z.ZodOptional<z.ZodType<T | undefined>> {
  return z.preprocess(emptyAsUnset, schema.optional()).optional();
}

function sized(
  parse: (value: string) => number,
  [min, max, example]: readonly [min: string, max: string, example: string],
  description: string,
): z.ZodType<string> {
  const allowed = `a size from ${min} to ${max}, such as ${example}`;
  const fits = (value: string): boolean => {
    try {
      const size = parse(value);
      return size >= parse(min) && size <= parse(max);
    } catch {
      return false;
    }
  };
  const schema = z.string({ error: allowed }).refine(fits, { error: allowed });
  return schema.meta({ description, allowed, examples: [example] });
}

/** A Kubernetes memory or storage quantity between two others. */
export function quantity(
  range: readonly [min: string, max: string, example: string],
  description: string,
): z.ZodType<string> {
  return sized(parseKubernetesQuantity, range, description);
}

/** A size in redis.conf's spelling between two others. */
export function redisSize(
  range: readonly [min: string, max: string, example: string],
  description: string,
): z.ZodType<string> {
  return sized(parseRedisSize, range, description);
}

/** CPU in millicores ("50m") or cores ("0.5", 2). */
export function cpu(example: string, description: string): z.ZodType<string> {
  const allowed = `CPU above 0 in millicores or cores, such as ${example} or 0.5`;
  const schema = z
    .string({ error: allowed })
    .regex(/^(?:[1-9]\d{0,5}m|(?!0+(?:\.0+)?$)\d{1,3}(?:\.\d{1,3})?)$/, { error: allowed });
  const asText = (value: unknown): unknown => (typeof value === "number" ? String(value) : value);
  return z.preprocess(asText, schema).meta({ description, allowed, examples: [example] });
}

/** A DNS label: the name of a Namespace or Service. */
export function dnsLabel(example: string, description: string): z.ZodType<string> {
  const allowed =
    "lower-case letters, digits and dashes, at most 63, starting and ending with a letter or digit";
  return text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, allowed, example, description);
}

/** A DNS subdomain: labels joined by dots, as the name of a StorageClass or Secret may be. */
export function dnsName(example: string, description: string): z.ZodType<string> {
  const allowed = "a Kubernetes object name: lower-case letters, digits, dashes and dots, at most 253";
  const label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
  return text(new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*$`), allowed, example, description);
}

/** Labels, selectors and the like: text to text. */
export function textMap(description: string): z.ZodRecord<z.ZodString, z.ZodString> {
  const allowed = "an object whose values are all text (quote numbers and booleans)";
  return z
    .record(z.string(), z.string({ error: "text (quote numbers and booleans)" }), { error: allowed })
    .meta({ description, allowed });
}

/** A list of values of one kind. */
export function list<T extends z.ZodType>(item: T, description: string): z.ZodArray<T> {
  return z.array(item, { error: "a list" }).meta({ description, allowed: "a list" });
}

/** An object of known keys; any other key is a problem. */
export function section<T extends z.ZodRawShape>(
  shape: T,
  description: string,
): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, { error: "an object" }).meta({ description, allowed: "an object" });
}
