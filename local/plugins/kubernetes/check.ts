import { hasUnknown, isSecret, plainObject } from "../rpc/envelopes.ts";
import { isObject } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { CheckInput, CheckResult, ResourceRequest } from "../rpc/plugin.ts";
import { withName } from "./naming.ts";
import { isSecretObject, kindFromType } from "./objects.ts";
import { foldStringData, hidePayload } from "./secretData.ts";

/** Finds the namespace for objects of a kind that name none; undefined for cluster-wide kinds. */
export type NamespaceLookup = (apiVersion: string, kind: string) => Promise<string | undefined>;

/** Completes a resource's inputs: kind, name, namespace, and a Secret's payload in its one hidden form. */
export async function checkObject(
  request: ResourceRequest,
  input: CheckInput,
  namespaceFor: NamespaceLookup,
): Promise<CheckResult> {
  const { apiVersion, kind } = kindOf(input.news, request.type);
  const { metadata, failures } = withName(openMetadata(input.news), plainObject(input.olds), {
    resourceName: request.name,
    randomSeed: input.randomSeed,
    ...(input.autonaming === undefined ? {} : { autonaming: input.autonaming }),
  });
  const inputs: JsonObject = { ...input.news, apiVersion, kind, metadata };
  if (failures.length > 0) return { inputs, failures };
  if (metadata.namespace === undefined) {
    const namespace = await namespaceFor(apiVersion, kind);
    if (namespace !== undefined) inputs.metadata = { ...metadata, namespace };
  }
  return { inputs: isSecretObject(inputs) ? hidePayload(foldStringData(inputs)) : inputs };
}

/** The SDK fills both in; a resource in another language or by hand may leave it to its type. */
function kindOf(news: JsonObject, type: string): { apiVersion: string; kind: string } {
  const fromType = kindFromType(type);
  return {
    apiVersion: typeof news.apiVersion === "string" ? news.apiVersion : fromType.apiVersion,
    kind: typeof news.kind === "string" ? news.kind : fromType.kind,
  };
}

/**
 * The metadata as an object to add a name to. Metadata that is unknown as a whole has nothing yet. A secret
 * around all of it is opened: names and labels are in the API's addresses and cannot stay hidden anyway.
 */
function openMetadata(news: JsonObject): JsonObject {
  const metadata = isSecret(news.metadata) ? news.metadata.value : news.metadata;
  return isObject(metadata) && !hasUnknown(metadata.generateName) ? metadata : {};
}
