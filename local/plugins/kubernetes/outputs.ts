import { createHash } from "node:crypto";
import { copySecretsInto } from "../rpc/envelopes.ts";
import { stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import { hidePayload } from "./secretData.ts";

/** State key of the field manager that owns what this resource applied. */
const MANAGER_KEY = "__fieldManager";

/** What is recorded of an object: the live one, what it was made from, and who applied it. */
export function recordedOutputs(inputs: JsonObject, live: JsonObject, manager: string): JsonObject {
  return {
    ...hidePayload(copySecretsInto(inputs, live)),
    [MANAGER_KEY]: manager,
    __initialApiVersion: inputs.apiVersion,
    __inputs: inputs,
  };
}

/**
 * The field manager for a resource: the recorded one, else one derived from its URN. Being derived, it is the
 * same when a killed creation is started over, which then continues instead of conflicting with itself.
 */
export function fieldManager(urn: string, recorded: JsonObject): string {
  const digest = createHash("sha256").update(urn).digest("hex");
  return stringAt(recorded, MANAGER_KEY) ?? `pulumi-kubernetes-${digest.slice(0, 8)}`;
}
