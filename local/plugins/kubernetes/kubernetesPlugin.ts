import sdk from "@pulumi/kubernetes/package.json" with { type: "json" };
import { loadAllYaml } from "@kubernetes/client-node";
import { plainObject, secret } from "../rpc/envelopes.ts";
import { isObject, stringAt } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";
import type {
  CheckInput,
  CheckResult,
  Configuration,
  DiffResult,
  Plugin,
  ReadState,
  ResourceRequest,
  ResourceState,
} from "../rpc/plugin.ts";
import { PluginError } from "../rpc/pluginError.ts";
import { ApiClient } from "./apiClient.ts";
import { checkObject } from "./check.ts";
import { diffObject } from "./diff.ts";
import { loadClusterAccess } from "./kubeconfig.ts";
import { idOf, keyOf } from "./objects.ts";
import { ObjectStore } from "./objectStore.ts";
import { fieldManager } from "./outputs.ts";
import { isKubeconfigPath, providerConfig } from "./providerConfig.ts";
import type { ProviderConfig } from "./providerConfig.ts";
import { previewPut, put, refuseExisting } from "./put.ts";
import { readObject } from "./read.ts";
import { remove } from "./remove.ts";
import { refuseUnsupportedType } from "./unsupportedType.ts";

/** Objects of the Kubernetes API as resources, by server-side apply. */
export class KubernetesPlugin implements Plugin {
  readonly name = "kubernetes";
  readonly version = sdk.version;
  readonly #env: NodeJS.ProcessEnv;
  #config: ProviderConfig | undefined;
  #store: ObjectStore | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  configure(configuration: Configuration): void {
    this.#config = providerConfig(configuration, this.#env);
    this.#store = undefined;
  }

  /** A kubeconfig's contents hold keys and tokens; its path may stay readable. */
  checkConfig(news: JsonObject): JsonObject {
    const { kubeconfig } = news;
    if (typeof kubeconfig !== "string" || isKubeconfigPath(kubeconfig)) return news;
    return { ...news, kubeconfig: secret(kubeconfig) };
  }

  async check(request: ResourceRequest, input: CheckInput): Promise<CheckResult> {
    refuseUnsupportedType(request.type);
    const store = this.#storeUnlessPending(request.signal);
    return checkObject(request, input, async (apiVersion, kind) => store?.namespaceFor(apiVersion, kind));
  }

  diff(_request: ResourceRequest, oldInputs: JsonObject, _olds: JsonObject, news: JsonObject): DiffResult {
    return diffObject(oldInputs, news, this.#settings());
  }

  async create(request: ResourceRequest, inputs: JsonObject): Promise<ResourceState> {
    const manager = fieldManager(request.urn, {});
    const { forceConflicts, upsertsExisting } = this.#settings();
    const options = { manager, force: forceConflicts };
    if (request.preview) {
      const store = this.#storeUnlessPending(request.signal);
      return { id: "", properties: await previewPut(inputs, store, options) };
    }
    const store = this.#connected(request.signal);
    if (!upsertsExisting) await refuseExisting(store, keyOf(plainObject(inputs)));
    const properties = await put(request, inputs, store, options);
    return { id: idOf(plainObject(properties)), properties };
  }

  async update(
    request: ResourceRequest,
    _oldInputs: JsonObject,
    olds: JsonObject,
    news: JsonObject,
  ): Promise<JsonObject> {
    // The resource is the program's: whatever changed it in the meantime is drift and gives way.
    const options = { manager: fieldManager(request.urn, olds), force: true };
    if (request.preview) return previewPut(news, this.#storeUnlessPending(request.signal), options);
    return put(request, news, this.#connected(request.signal), options);
  }

  async read(
    request: ResourceRequest,
    inputs: JsonObject,
    properties: JsonObject,
  ): Promise<ReadState | undefined> {
    return readObject(request, inputs, properties, this.#connected(request.signal));
  }

  async delete(request: ResourceRequest, properties: JsonObject): Promise<void> {
    await remove(request, properties, this.#connected(request.signal));
  }

  invoke(token: string, args: JsonObject): JsonObject {
    if (token === "kubernetes:yaml:decode")
      return { result: decodeYaml(stringAt(plainObject(args), "text") ?? "") };
    throw new PluginError(
      "UNKNOWN_FUNCTION",
      `${token} is not supported by the stand-in kubernetes plugin, which knows kubernetes:yaml:decode only. ` +
        "Install the real pulumi-resource-kubernetes or do without the function.",
    );
  }

  #settings(): ProviderConfig {
    if (this.#config !== undefined) return this.#config;
    throw new PluginError(
      "NOT_CONFIGURED",
      "The kubernetes plugin was used before it was configured by the engine.",
    );
  }

  /** The cluster; undefined while its address comes from a resource that does not exist yet. */
  #storeUnlessPending(signal: AbortSignal): ObjectStore | undefined {
    return this.#settings().pending ? undefined : this.#connected(signal);
  }

  #connected(signal: AbortSignal): ObjectStore {
    if (this.#store === undefined) {
      const access = loadClusterAccess(this.#settings());
      this.#store = new ObjectStore(new ApiClient(access, signal), access.defaultNamespace);
    }
    return this.#store;
  }
}

/** The objects in a text of YAML documents, empty documents left out. */
export function decodeYaml(text: string): JsonObject[] {
  return loadAllYaml(text)
    .map((document) => JSON.parse(JSON.stringify(document ?? null)) as JsonValue)
    .filter(isObject);
}
