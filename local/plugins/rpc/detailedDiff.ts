import { isObject } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** How one property changed. */
export type Change = "ADD" | "DELETE" | "UPDATE";

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

/** Appends a key to a property path the way the engine spells it: `a.b`, `a["x.y"]`. */
export function joinPath(path: string, key: string): string {
  if (!PLAIN_KEY.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path === "" ? key : `${path}.${key}`;
}

/**
 * Every leaf at which two plain property bags differ, keyed by property path. Keys that start with two
 * underscores at the top are the SDK's or the plugin's own and never count.
 */
export function detailedDiff(olds: JsonObject, news: JsonObject): Map<string, Change> {
  const found = new Map<string, Change>();
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  for (const key of keys) {
    if (!key.startsWith("__")) compare(olds[key], news[key], joinPath("", key), found);
  }
  return found;
}

function compare(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  path: string,
  found: Map<string, Change>,
): void {
  if (left === undefined && right === undefined) return;
  if (left === undefined) {
    found.set(path, "ADD");
  } else if (right === undefined) {
    found.set(path, "DELETE");
  } else if (Array.isArray(left) && Array.isArray(right)) {
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      compare(left[index], right[index], `${path}[${index}]`, found);
    }
  } else if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(left[key], right[key], joinPath(path, key), found);
    }
  } else if (left !== right) {
    found.set(path, "UPDATE");
  }
}
