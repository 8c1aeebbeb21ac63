import { isObject } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** What the engine sends in place of a value that only a later step will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** A secret as the protocol writes it: a signed wrapper around the value. */
export interface SecretEnvelope extends JsonObject {
  value: JsonValue;
}

/** Wraps a value so that the engine encrypts it in state; wrapping twice changes nothing. */
export function secret(value: JsonValue): SecretEnvelope {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** Whether a value is a secret envelope. */
export function isSecret(value: JsonValue | undefined): value is SecretEnvelope {
  return isObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

function isOutput(value: JsonValue | undefined): value is JsonObject {
  return isObject(value) && value[SIGNATURE_KEY] === OUTPUT_SIGNATURE;
}

/**
 * Rewrites output envelopes (a value with its dependencies) into plain values, unknown markers and secret
 * envelopes, so that the rest of a plugin only meets the two forms.
 */
export function normalise(value: JsonValue): JsonValue {
  if (isOutput(value)) {
    const inner = value.value === undefined ? UNKNOWN : normalise(value.value);
    return value.secret === true ? secret(inner) : inner;
  }
  if (isSecret(value)) return secret(normalise(value.value));
  if (Array.isArray(value)) return value.map(normalise);
  if (!isObject(value)) return value;
  return mapObject(value, normalise);
}

/** Removes every secret envelope; unknown markers stay. */
export function plain(value: JsonValue): JsonValue {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return mapObject(value, plain);
}

/** {@link plain} for a resource's property bag, which is an object even if all of it is secret. */
export function plainObject(properties: JsonObject): JsonObject {
  const value = plain(properties);
  return isObject(value) ? value : {};
}

/** Whether anything inside is not known yet. */
export function hasUnknown(value: JsonValue | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Whether anything inside is secret. */
export function hasSecret(value: JsonValue | undefined): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isObject(value) && Object.values(value).some(hasSecret);
}

/**
 * Wraps in `target` every place where `shape` holds a secret. Where the two no longer line up (an array of
 * another length, an object that became a text) the nearest common value becomes secret as a whole: too much
 * hidden is harmless, too little is a leak.
 */
export function copySecrets(shape: JsonValue | undefined, target: JsonValue): JsonValue {
  if (isSecret(target) || !hasSecret(shape)) return target;
  if (isSecret(shape)) return secret(target);
  if (Array.isArray(shape) && Array.isArray(target) && shape.length === target.length) {
    return target.map((item, index) => copySecrets(shape[index], item));
  }
  if (isObject(shape) && isObject(target)) {
    return mapObject(target, (item, key) => copySecrets(shape[key], item));
  }
  return secret(target);
}

/** {@link copySecrets} for property bags, which stay objects. */
export function copySecretsInto(shape: JsonObject, target: JsonObject): JsonObject {
  return mapObject(target, (item, key) => copySecrets(shape[key], item));
}

function mapObject(source: JsonObject, change: (item: JsonValue, key: string) => JsonValue): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(source)) {
    if (item !== undefined) result[key] = change(item, key);
  }
  return result;
}
