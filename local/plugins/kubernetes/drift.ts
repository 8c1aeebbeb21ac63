import { isObject, sameJson } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";

/**
 * The inputs that would describe the live object. A field takes the live value only where that left the last
 * recorded one: the API server rewrites some values (`2000m` becomes `2`), and comparing the live object with
 * the inputs would report that as somebody's change forever.
 *
 * @param inputs what the program asked for, plain
 * @param recorded the object as last recorded, plain
 * @param live the object now
 */
export function driftedInputs(inputs: JsonObject, recorded: JsonObject, live: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(inputs)) {
    if (value === undefined) continue;
    const drifted = driftedValue(value, recorded[key], live[key]);
    if (drifted !== undefined) result[key] = drifted;
  }
  return result;
}

function driftedValue(
  input: JsonValue,
  recorded: JsonValue | undefined,
  live: JsonValue | undefined,
): JsonValue | undefined {
  if (sameJson(recorded, live)) return input;
  if (isObject(input) && isObject(live))
    return driftedInputs(input, isObject(recorded) ? recorded : {}, live);
  // Lists of one length are compared item by item; otherwise the live list is taken as it is.
  if (Array.isArray(input) && Array.isArray(recorded) && Array.isArray(live)) {
    const aligned = input.length === recorded.length && recorded.length === live.length;
    if (aligned) return input.map((item, index) => driftedValue(item, recorded[index], live[index]) ?? null);
  }
  return live;
}

/** The inputs a program would have written for an object that came from elsewhere. */
export function importedInputs(live: JsonObject): JsonObject {
  const { metadata, ...rest } = live;
  delete rest.status;
  const kept: JsonObject = {};
  for (const field of ["name", "namespace", "labels", "annotations"]) {
    const value = isObject(metadata) ? metadata[field] : undefined;
    if (value !== undefined) kept[field] = value;
  }
  return { ...rest, metadata: kept };
}
