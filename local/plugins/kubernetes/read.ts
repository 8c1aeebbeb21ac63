import { copySecretsInto, plainObject } from "../rpc/envelopes.ts";
import { stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { ReadState, ResourceRequest } from "../rpc/plugin.ts";
import { driftedInputs, importedInputs } from "./drift.ts";
import { idOf, keyFromId, keyOf } from "./objects.ts";
import type { ObjectStore } from "./objectStore.ts";
import { fieldManager, recordedOutputs } from "./outputs.ts";
import { hidePayload } from "./secretData.ts";

/**
 * Looks at the live object: for a refresh, which keeps the recorded inputs where nothing changed, and for an
 * import or `.get()`, which come without any.
 */
export async function readObject(
  request: ResourceRequest,
  inputs: JsonObject,
  properties: JsonObject,
  store: ObjectStore,
): Promise<ReadState | undefined> {
  const recorded = plainObject(properties);
  const isRecorded = stringAt(recorded, "metadata", "name") !== undefined;
  const live = await store.get(isRecorded ? keyOf(recorded) : keyFromId(request.id, request.type));
  if (live === undefined) return undefined;
  const isRefresh = Object.keys(inputs).length > 0;
  const wanted = isRefresh
    ? copySecretsInto(inputs, driftedInputs(plainObject(inputs), recorded, live))
    : importedInputs(live);
  const hidden = hidePayload(wanted);
  return {
    id: idOf(live),
    inputs: hidden,
    properties: recordedOutputs(hidden, live, fieldManager(request.urn, recorded)),
  };
}
