import { plainObject } from "../rpc/envelopes.ts";
import { listAt, stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { ResourceRequest } from "../rpc/plugin.ts";
import { PluginError } from "../rpc/pluginError.ts";
import { keyFromId, keyOf, timeoutSecondsFor } from "./objects.ts";
import type { ObjectKey } from "./objects.ts";
import type { ObjectStore } from "./objectStore.ts";
import { pause } from "./retry.ts";

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

/** Deletes an object with its dependents and waits until it is gone; a missing one counts as deleted. */
export async function remove(
  request: ResourceRequest,
  properties: JsonObject,
  store: ObjectStore,
): Promise<void> {
  const recorded = plainObject(properties);
  const key =
    stringAt(recorded, "metadata", "name") === undefined
      ? keyFromId(request.id, request.type)
      : keyOf(recorded);
  const timeoutSeconds = timeoutSecondsFor(request.timeoutSeconds, recorded);
  const deadline = Date.now() + timeoutSeconds * 1000;
  if ((await store.requestDeletion(key)) === undefined) return;
  request.say(`waiting for ${key.kind} ${key.name} to go`);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS)) {
    const live = await store.get(key);
    if (live === undefined || isSuccessor(live, recorded)) return;
    if (Date.now() >= deadline || request.signal.aborted) throw stillThere(key, live, timeoutSeconds);
    await pause(pauseMs, request.signal);
  }
}

/** Someone made a new object under the name: the one to delete is gone. */
function isSuccessor(live: JsonObject, recorded: JsonObject): boolean {
  const uid = stringAt(recorded, "metadata", "uid");
  return uid !== undefined && stringAt(live, "metadata", "uid") !== uid;
}

function stillThere(key: ObjectKey, live: JsonObject, timeoutSeconds: number): PluginError {
  const finalizers = listAt(live, "metadata", "finalizers").map(String).join(", ") || "none";
  const conditions = listAt(live, "status", "conditions")
    .map((entry) => stringAt(entry, "message"))
    .filter((message) => message !== undefined);
  return new PluginError(
    "DELETION_TIMEOUT",
    `${key.kind} ${key.name} is still there after ${timeoutSeconds} s; expected it to be gone. Finalizers: ${finalizers}` +
      `${conditions.length > 0 ? `; ${conditions.join("; ")}` : ""}. Find what holds it, then run the command again.`,
  );
}
