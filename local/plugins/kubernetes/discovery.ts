import { booleanAt, isObject, listAt, stringAt } from "../rpc/json.ts";
import type { ApiClient } from "./apiClient.ts";
import { isNotFound } from "./apiError.ts";
import { UnknownKindError } from "./unknownKindError.ts";

/** How the API serves a kind. */
export interface ServedKind {
  /** Last part of the path, for example `statefulsets`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Path of a group version: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Looks up kinds at the API server and remembers those it found; a miss is asked for again every time. */
export class Discovery {
  readonly #client: ApiClient;
  readonly #known = new Map<string, ServedKind>();
  readonly #underway = new Map<string, Promise<void>>();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** @throws UnknownKindError when the cluster does not serve the kind now */
  async find(apiVersion: string, kind: string): Promise<ServedKind> {
    const key = `${apiVersion}/${kind}`;
    if (!this.#known.has(key)) await this.#load(apiVersion);
    const found = this.#known.get(key);
    if (found === undefined) throw new UnknownKindError(apiVersion, kind);
    return found;
  }

  /** Many resources start at once: they share one request per group version. */
  async #load(apiVersion: string): Promise<void> {
    const running = this.#underway.get(apiVersion);
    if (running !== undefined) return running;
    const request = this.#request(apiVersion).finally(() => this.#underway.delete(apiVersion));
    this.#underway.set(apiVersion, request);
    return request;
  }

  async #request(apiVersion: string): Promise<void> {
    try {
      const list = await this.#client.call("GET", groupVersionPath(apiVersion));
      for (const resource of listAt(list, "resources").filter(isObject)) {
        const [plural, kind] = [stringAt(resource, "name"), stringAt(resource, "kind")];
        // Subresources such as "pods/exec" repeat kinds and are no addresses of objects.
        if (plural === undefined || kind === undefined || plural.includes("/")) continue;
        const namespaced = booleanAt(resource, "namespaced") === true;
        this.#known.set(`${apiVersion}/${kind}`, { plural, namespaced });
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
