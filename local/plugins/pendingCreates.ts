import { isObject, listAt, stringAt } from "./rpc/json.ts";
import type { JsonObject } from "./rpc/json.ts";

/** A deployment (as the engine exports it) whose interrupted creations are settled. */
export interface SettledDeployment {
  readonly deployment: JsonObject;
  /** URNs that are resources now; a refresh removes those that were never made. */
  readonly adopted: readonly string[];
  /** URNs of creations that leave nothing behind and simply start over. */
  readonly dropped: readonly string[];
}

/**
 * Settles what an engine that was killed left unfinished. It knows only that it had begun to create some
 * resources, and would create them once more: under new names, where names are generated, so that the first
 * ones stay behind as orphans. A Kubernetes object's address is in its inputs already, so it can be recorded as
 * if the creation had finished; the refresh that must follow finds out which ones really exist.
 */
export function settlePendingCreates(deployment: JsonObject): SettledDeployment {
  const adopted: JsonObject[] = [];
  const dropped: string[] = [];
  for (const operation of listAt(deployment, "pending_operations").filter(isObject)) {
    const { resource } = operation;
    if (operation.type !== "creating" || !isObject(resource)) continue;
    const id = kubernetesId(resource);
    if (id === undefined) dropped.push(stringAt(resource, "urn") ?? "");
    else adopted.push({ ...resource, id, outputs: resource.inputs });
  }
  const settled: JsonObject = { ...deployment, resources: [...listAt(deployment, "resources"), ...adopted] };
  delete settled.pending_operations;
  return {
    deployment: settled,
    adopted: adopted.map((resource) => stringAt(resource, "urn") ?? ""),
    dropped,
  };
}

/** The id that a Kubernetes object will have; undefined for everything else. */
function kubernetesId(resource: JsonObject): string | undefined {
  if (stringAt(resource, "type")?.startsWith("kubernetes:") !== true) return undefined;
  const name = stringAt(resource, "inputs", "metadata", "name");
  const namespace = stringAt(resource, "inputs", "metadata", "namespace");
  return name === undefined || namespace === undefined ? name : `${namespace}/${name}`;
}
