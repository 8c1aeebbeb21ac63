import { hasUnknown, plainObject } from "../rpc/envelopes.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { ResourceRequest } from "../rpc/plugin.ts";
import { PluginError } from "../rpc/pluginError.ts";
import { ResourceInitFailedError } from "../rpc/resourceInitFailedError.ts";
import { isNotFound } from "./apiError.ts";
import { idOf } from "./objects.ts";
import type { ObjectKey } from "./objects.ts";
import type { ObjectStore } from "./objectStore.ts";
import { recordedOutputs } from "./outputs.ts";
import { withRetry } from "./retry.ts";
import { settle } from "./settle.ts";
import { UnknownKindError } from "./unknownKindError.ts";

/** A definition that was just accepted takes moments until the API serves its kind. */
const NEW_KIND_RETRY = { attempts: 25, firstDelayMs: 100, maxDelayMs: 500 };

/** Who applies, and whether fields of others may be taken. */
export interface PutOptions {
  readonly manager: string;
  readonly force: boolean;
}

/**
 * Shows what an apply would make of the inputs. Without all values there is nothing to ask the API server, and
 * when it misses the namespace or kind these come with the same update: then the inputs are the best answer.
 *
 * @param store undefined while the cluster itself is not known
 */
export async function previewPut(
  inputs: JsonObject,
  store: ObjectStore | undefined,
  { manager, force }: PutOptions,
): Promise<JsonObject> {
  if (store === undefined || hasUnknown(inputs)) return inputs;
  try {
    const live = await store.apply(plainObject(inputs), { manager, force, dryRun: true });
    return recordedOutputs(inputs, live, manager);
  } catch (error) {
    if (isNotFound(error) || error instanceof UnknownKindError) return inputs;
    throw error;
  }
}

/**
 * Keeps a creation from silently taking over an object: when a resource is renamed without an alias, the deletion that
 * follows would remove it.
 *
 * @throws PluginError `ALREADY_EXISTS` when the object is there
 */
export async function refuseExisting(store: ObjectStore, key: ObjectKey): Promise<void> {
  if ((await store.get(key)) === undefined) return;
  const place = key.namespace === undefined ? "" : ` in namespace ${key.namespace}`;
  throw new PluginError(
    "ALREADY_EXISTS",
    `${key.kind} ${key.name}${place} already exists. Import it, delete it, or set the provider option ` +
      "upsertExistingObjects to take over what exists.",
  );
}

/**
 * Applies an object and waits until it is ready.
 *
 * @throws ResourceInitFailedError when it exists but is not ready
 */
export async function put(
  request: ResourceRequest,
  inputs: JsonObject,
  store: ObjectStore,
  { manager, force }: PutOptions,
): Promise<JsonObject> {
  const applied = await withRetry(
    () => store.apply(plainObject(inputs), { manager, force, dryRun: false }),
    (error) => error instanceof UnknownKindError,
    request.signal,
    NEW_KIND_RETRY,
  );
  const { live, reasons } = await settle(request, applied, store);
  const properties = recordedOutputs(inputs, live, manager);
  if (reasons.length === 0) return properties;
  throw new ResourceInitFailedError({ id: idOf(live), properties, inputs, reasons });
}
