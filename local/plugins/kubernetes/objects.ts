import { isObject, listAt, numberAt, stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import { PluginError } from "../rpc/pluginError.ts";

/** Annotation on objects whose name the plugin made up. */
export const AUTONAMED_ANNOTATION = "pulumi.com/autonamed";
/** Annotation that lets an operator skip the readiness wait. */
export const SKIP_AWAIT_ANNOTATION = "pulumi.com/skipAwait";
/** Annotation that bounds the readiness and deletion wait, in seconds. */
export const TIMEOUT_ANNOTATION = "pulumi.com/timeoutSeconds";
/** Annotation that lets an apply take over fields other managers own. */
export const PATCH_FORCE_ANNOTATION = "pulumi.com/patchForce";

/** Which object of which kind; the namespace is absent for cluster-wide kinds. */
export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Group of an apiVersion; the core group is the empty text. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/", 1)[0] ?? "") : "";
}

/** Reads the key of an object, which must have apiVersion, kind and metadata.name. */
export function keyOf(object: JsonObject): ObjectKey {
  const [apiVersion, kind] = [stringAt(object, "apiVersion"), stringAt(object, "kind")];
  const name = stringAt(object, "metadata", "name");
  if (apiVersion === undefined || kind === undefined || name === undefined) {
    throw new PluginError(
      "INCOMPLETE_OBJECT",
      `Got an object with apiVersion ${String(apiVersion)}, kind ${String(kind)}, name ${String(name)}; ` +
        "expected all three. Correct the resource's arguments.",
    );
  }
  const namespace = stringAt(object, "metadata", "namespace");
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** The resource id of an object: `namespace/name`, or `name` for cluster-wide kinds. */
export function idOf(object: JsonObject): string {
  const { name, namespace } = keyOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** apiVersion and kind of a type token such as `kubernetes:apps/v1:Deployment`. */
export function kindFromType(type: string): { readonly apiVersion: string; readonly kind: string } {
  const [, groupVersion = "", kind = ""] = type.split(":");
  return { apiVersion: groupVersion.replace(/^core\//, ""), kind };
}

/** The key of an object that is known only by its id and type, as on import and in `.get()`. */
export function keyFromId(id: string, type: string): ObjectKey {
  const slash = id.indexOf("/");
  const { apiVersion, kind } = kindFromType(type);
  if (slash < 0) return { apiVersion, kind, name: id };
  return { apiVersion, kind, namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** An annotation's text. */
export function annotation(object: JsonObject, name: string): string | undefined {
  return stringAt(object, "metadata", "annotations", name);
}

/** A status condition by type. */
export function condition(object: JsonObject, type: string): JsonObject | undefined {
  return listAt(object, "status", "conditions")
    .filter(isObject)
    .find((entry) => entry.type === type);
}

/** Whether the controller has seen the newest version of an object. */
export function isObserved(object: JsonObject): boolean {
  const generation = numberAt(object, "metadata", "generation") ?? 0;
  return (numberAt(object, "status", "observedGeneration") ?? 0) >= generation;
}

/** Whether an object is a core/v1 Secret. */
export function isSecretObject(object: JsonObject): boolean {
  return object.apiVersion === "v1" && object.kind === "Secret";
}

/** Seconds an operation on this object may take: the resource option, the annotation, or ten minutes. */
export function timeoutSecondsFor(requested: number, object: JsonObject): number {
  if (requested > 0) return requested;
  const written = Number(annotation(object, TIMEOUT_ANNOTATION));
  return Number.isFinite(written) && written > 0 ? written : 600;
}
