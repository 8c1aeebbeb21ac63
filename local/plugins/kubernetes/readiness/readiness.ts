import { isObject, listAt, stringAt } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";
import { groupOf } from "../objects.ts";
import type { ObjectStore } from "../objectStore.ts";
import { definitionVerdict, namespaceVerdict } from "./definitions.ts";
import { podSelector, podTrouble } from "./podTrouble.ts";
import { expectsEndpoints, serviceVerdict } from "./services.ts";
import { claimVerdict } from "./storage.ts";
import type { Verdict } from "./verdict.ts";
import {
  daemonSetVerdict,
  deploymentVerdict,
  jobVerdict,
  podVerdict,
  statefulSetVerdict,
} from "./workloads.ts";

/** Judges an object, looking at others where its own status does not say enough. */
export type ReadinessCheck = (object: JsonObject, store: ObjectStore) => Promise<Verdict> | Verdict;

/** Kinds by `group/kind` that are waited for; all others are ready once they exist. */
const CHECKS: Readonly<Record<string, ReadinessCheck>> = {
  "/Namespace": namespaceVerdict,
  "/PersistentVolumeClaim": async (claim, store) => {
    const name = stringAt(claim, "spec", "storageClassName");
    const key = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: name ?? "" };
    return claimVerdict(claim, name === undefined ? undefined : await store.get(key));
  },
  "/Pod": podVerdict,
  "/Service": async (service, store) => {
    const slices = expectsEndpoints(service) ? await endpointSlices(service, store) : [];
    return serviceVerdict(service, slices, Date.now());
  },
  "apiextensions.k8s.io/CustomResourceDefinition": definitionVerdict,
  "apps/DaemonSet": daemonSetVerdict,
  "apps/Deployment": deploymentVerdict,
  "apps/StatefulSet": statefulSetVerdict,
  "batch/Job": jobVerdict,
};

/** The check for an object's kind; undefined where existing is all there is to it, as for an Ingress. */
export function readinessCheck(object: JsonObject): ReadinessCheck | undefined {
  const [apiVersion, kind] = [stringAt(object, "apiVersion") ?? "", stringAt(object, "kind") ?? ""];
  return CHECKS[`${groupOf(apiVersion)}/${kind}`];
}

/** What is wrong with the pods of a workload that did not become ready; empty if that cannot be found out. */
export async function explainPods(object: JsonObject, store: ObjectStore): Promise<string[]> {
  const selector = podSelector(object);
  if (selector === undefined) return [];
  try {
    return podTrouble(await list(store, `/api/v1/namespaces/${namespaceOf(object)}/pods`, selector));
  } catch {
    // The explanation is extra: the failure it belongs to is reported either way.
    return [];
  }
}

async function endpointSlices(service: JsonObject, store: ObjectStore): Promise<JsonObject[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespaceOf(service)}/endpointslices`;
  return list(store, path, `kubernetes.io/service-name=${stringAt(service, "metadata", "name") ?? ""}`);
}

async function list(store: ObjectStore, path: string, labelSelector: string): Promise<JsonObject[]> {
  const query = new URLSearchParams({ labelSelector });
  return listAt(await store.client.call("GET", `${path}?${query.toString()}`), "items").filter(isObject);
}

function namespaceOf(object: JsonObject): string {
  return encodeURIComponent(stringAt(object, "metadata", "namespace") ?? "default");
}
