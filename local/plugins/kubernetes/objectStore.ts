import type { JsonObject } from "../rpc/json.ts";
import { PluginError } from "../rpc/pluginError.ts";
import type { ApiClient } from "./apiClient.ts";
import { ApiError, isNotFound } from "./apiError.ts";
import { Discovery, groupVersionPath } from "./discovery.ts";
import { annotation, keyOf, PATCH_FORCE_ANNOTATION } from "./objects.ts";
import type { ObjectKey } from "./objects.ts";
import { UnknownKindError } from "./unknownKindError.ts";

/** How an object is applied. */
export interface ApplyOptions {
  /** Owner of the applied fields. */
  readonly manager: string;
  readonly dryRun: boolean;
  /** Take over fields that another manager set to something else. */
  readonly force: boolean;
}

/** Reads, applies and deletes objects of any kind. */
export class ObjectStore {
  readonly client: ApiClient;
  readonly #discovery: Discovery;
  readonly #defaultNamespace: string;

  constructor(client: ApiClient, defaultNamespace: string) {
    this.client = client;
    this.#discovery = new Discovery(client);
    this.#defaultNamespace = defaultNamespace;
  }

  /** The namespace for an object that names none; undefined for cluster-wide and (yet) unknown kinds. */
  async namespaceFor(apiVersion: string, kind: string): Promise<string | undefined> {
    try {
      const { namespaced } = await this.#discovery.find(apiVersion, kind);
      return namespaced ? this.#defaultNamespace : undefined;
    } catch (error) {
      if (error instanceof UnknownKindError) return undefined;
      throw error;
    }
  }

  /** The live object; undefined when it, its namespace or its kind is gone. */
  async get(key: ObjectKey): Promise<JsonObject | undefined> {
    return absentIsUndefined(async () => this.client.call("GET", await this.#pathOf(key)));
  }

  /** @throws PluginError `FIELD_CONFLICT` when another manager owns a field with another value */
  async apply(object: JsonObject, { manager, dryRun, force }: ApplyOptions): Promise<JsonObject> {
    const key = keyOf(object);
    const query = new URLSearchParams({
      fieldManager: manager,
      force: String(force || annotation(object, PATCH_FORCE_ANNOTATION) === "true"),
      fieldValidation: "Warn",
      ...(dryRun ? { dryRun: "All" } : {}),
    });
    const path = `${await this.#pathOf(key)}?${query.toString()}`;
    try {
      // YAML is a superset of JSON, and this media type is the one every version accepts for applies.
      return await this.client.call("PATCH", path, {
        body: object,
        contentType: "application/apply-patch+yaml",
      });
    } catch (error) {
      if (error instanceof ApiError && error.httpStatus === 409) throw conflict(key, error);
      throw error;
    }
  }

  /** Asks for deletion with all dependents first; undefined when there was nothing. */
  async requestDeletion(key: ObjectKey): Promise<JsonObject | undefined> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Foreground" };
    return absentIsUndefined(async () => this.client.call("DELETE", await this.#pathOf(key), { body }));
  }

  async #pathOf(key: ObjectKey): Promise<string> {
    const { plural, namespaced } = await this.#discovery.find(key.apiVersion, key.kind);
    const scope = namespaced
      ? `/namespaces/${encodeURIComponent(key.namespace ?? this.#defaultNamespace)}`
      : "";
    return `${groupVersionPath(key.apiVersion)}${scope}/${plural}/${encodeURIComponent(key.name)}`;
  }
}

async function absentIsUndefined(request: () => Promise<JsonObject>): Promise<JsonObject | undefined> {
  try {
    return await request();
  } catch (error) {
    if (isNotFound(error) || error instanceof UnknownKindError) return undefined;
    throw error;
  }
}

function conflict(key: ObjectKey, cause: ApiError): PluginError {
  return new PluginError(
    "FIELD_CONFLICT",
    `${key.kind} ${key.name} is partly owned by someone else: ${cause.message}. Remove the object or the fields ` +
      `from one of its owners, or annotate the resource with ${PATCH_FORCE_ANNOTATION}: "true" to take them over.`,
    { cause },
  );
}
