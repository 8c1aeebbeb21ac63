/** Any value that JSON, and therefore the plugin protocol, can carry. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** An object of JSON values; a key may be absent. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** Whether a value is an object and not an array or null. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, or undefined where any step is missing or not an object. */
export function valueAt(root: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let here: JsonValue | undefined = root;
  for (const key of path) {
    if (!isObject(here)) return undefined;
    here = here[key];
  }
  return here;
}

/** The object at a path, or an empty one. */
export function objectAt(root: JsonValue | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(root, ...path);
  return isObject(found) ? found : {};
}

/** The array at a path, or an empty one. */
export function listAt(root: JsonValue | undefined, ...path: readonly string[]): JsonValue[] {
  const found = valueAt(root, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string at a path, or undefined for anything else. */
export function stringAt(root: JsonValue | undefined, ...path: readonly string[]): string | undefined {
  const found = valueAt(root, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path, or undefined for anything else. */
export function numberAt(root: JsonValue | undefined, ...path: readonly string[]): number | undefined {
  const found = valueAt(root, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The boolean at a path; provider settings arrive as the strings "true" and "false". */
export function booleanAt(root: JsonValue | undefined, ...path: readonly string[]): boolean | undefined {
  const found = valueAt(root, ...path);
  if (typeof found === "boolean") return found;
  if (found === "true") return true;
  if (found === "false") return false;
  return undefined;
}

/** The text values of the object at a path, by key: labels, build arguments and the like. */
export function textEntries(root: JsonValue | undefined, ...path: readonly string[]): [string, string][] {
  return Object.entries(objectAt(root, ...path)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
}

/** Parses text that must hold a JSON object. */
export function parseObject(text: string, what: string): JsonObject {
  const value = JSON.parse(text) as JsonValue;
  if (!isObject(value)) {
    throw new TypeError(
      `${what}: got ${Array.isArray(value) ? "an array" : typeof value}, expected a JSON object`,
    );
  }
  return value;
}

/** Structural equality; the order of object keys does not matter, absent equals undefined. */
export function sameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => sameJson(left[key], right[key]));
  }
  return left === right;
}

/** Drops keys that hold undefined, which the wire format has no place for. */
export function withoutUndefined(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) kept[key] = withoutUndefined(item);
  }
  return kept;
}
