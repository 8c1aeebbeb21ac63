import { booleanAt, isObject, listAt, stringAt, textEntries } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";
import { READY, waiting } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * How long a new Service may stay without a ready pod behind it. It is no error after that: a program may make
 * the Service before the pods, and waiting for good would lock both up.
 */
const ENDPOINT_GRACE_MS = 10_000;

/** Whether a Service is supposed to get endpoints by itself. */
export function expectsEndpoints(service: JsonObject): boolean {
  return (
    stringAt(service, "spec", "type") !== "ExternalName" &&
    stringAt(service, "spec", "clusterIP") !== "None" &&
    textEntries(service, "spec", "selector").length > 0
  );
}

/**
 * A load balancer has its address; anything with a selector has a ready endpoint or had time to get one.
 *
 * @param slices EndpointSlices of the Service
 * @param nowMs milliseconds since the epoch, by a clock near the API server's
 */
export function serviceVerdict(service: JsonObject, slices: readonly JsonObject[], nowMs: number): Verdict {
  if (stringAt(service, "spec", "type") === "LoadBalancer") {
    if (listAt(service, "status", "loadBalancer", "ingress").length === 0) {
      return waiting("the load balancer has no address yet");
    }
  }
  if (!expectsEndpoints(service) || slices.some(hasReadyEndpoint)) return READY;
  const createdMs = Date.parse(stringAt(service, "metadata", "creationTimestamp") ?? "");
  if (!Number.isFinite(createdMs) || nowMs - createdMs > ENDPOINT_GRACE_MS) return READY;
  return waiting("no ready pod behind the service yet");
}

function hasReadyEndpoint(slice: JsonObject): boolean {
  return listAt(slice, "endpoints")
    .filter(isObject)
    .some((endpoint) => booleanAt(endpoint, "conditions", "ready") === true);
}
