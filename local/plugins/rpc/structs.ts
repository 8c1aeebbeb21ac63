import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { normalise } from "./envelopes.ts";
import { isObject, withoutUndefined } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** The protocol's message for a property bag. */
export type Struct = structPb.Struct;

/** Reads a property bag off the wire, output envelopes resolved; an absent one is empty. */
export function fromStruct(struct: Struct | undefined): JsonObject {
  if (struct === undefined) return {};
  const value = normalise(struct.toJavaScript());
  return isObject(value) ? value : {};
}

/** Writes a property bag for the wire, which has no way to say undefined. */
export function toStruct(properties: JsonObject): Struct {
  const fields: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(properties)) {
    if (value !== undefined) fields[key] = withoutUndefined(value);
  }
  return structPb.Struct.fromJavaScript(fields);
}
