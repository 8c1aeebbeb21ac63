import { hasUnknown, plainObject, secret } from "../rpc/envelopes.ts";
import { isObject, objectAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import { isSecretObject } from "./objects.ts";

const FIELDS = ["data", "stringData"] as const;

/**
 * Folds a Secret's `stringData` into its base64 `data`, as the API server does, so that both spellings compare
 * equal. With unknown parts it stays as it is; the step that knows them passes here again.
 */
export function foldStringData(inputs: JsonObject): JsonObject {
  const plainInputs = plainObject({ data: inputs.data, stringData: inputs.stringData });
  if (!isObject(plainInputs.stringData) || hasUnknown(inputs.data) || hasUnknown(inputs.stringData))
    return inputs;
  const data: JsonObject = { ...objectAt(plainInputs, "data") };
  for (const [key, value] of Object.entries(plainInputs.stringData)) {
    data[key] = Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
  }
  const folded: JsonObject = { ...inputs, data };
  delete folded.stringData;
  return folded;
}

/** Marks a Secret's payload as secret, whether the program did or not; other objects pass through. */
export function hidePayload(object: JsonObject): JsonObject {
  if (!isSecretObject(object)) return object;
  const hidden = { ...object };
  for (const field of FIELDS) {
    const value = hidden[field];
    if (value !== undefined && value !== null) hidden[field] = secret(plainObject({ value }).value ?? null);
  }
  return hidden;
}
