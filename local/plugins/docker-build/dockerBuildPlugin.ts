import sdk from "@pulumi/docker-build/package.json" with { type: "json" };
import { detailedDiff } from "../rpc/detailedDiff.ts";
import {
  copySecretsInto,
  hasSecret,
  hasUnknown,
  isSecret,
  plainObject,
  secret,
  UNKNOWN,
} from "../rpc/envelopes.ts";
import { isObject } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";
import type {
  CheckFailure,
  CheckInput,
  CheckResult,
  DiffResult,
  Plugin,
  PropertyChange,
  ReadState,
  ResourceRequest,
  ResourceState,
} from "../rpc/plugin.ts";
import { PluginError } from "../rpc/pluginError.ts";
import { builderFrom } from "./builder.ts";
import { contextHash } from "./contextHash.ts";
import { imageInputs } from "./imageInputs.ts";
import type { ImageInputs } from "./imageInputs.ts";
import { fullReference } from "./imageReference.ts";
import { runBuild } from "./runBuild.ts";

const IMAGE_TYPE = "docker-build:index:Image";

/** Images as resources, built by BuildKit directly: no Docker daemon and no buildx. */
export class DockerBuildPlugin implements Plugin {
  readonly name = "docker-build";
  readonly version = sdk.version;
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  check(request: ResourceRequest, { news }: CheckInput): CheckResult {
    if (request.type !== IMAGE_TYPE) throw unsupportedType(request.type);
    const inputs = hideCredentials(news);
    return { inputs, failures: [...secretArguments(inputs), ...pushWithoutTag(inputs)] };
  }

  async diff(
    _request: ResourceRequest,
    oldInputs: JsonObject,
    olds: JsonObject,
    news: JsonObject,
  ): Promise<DiffResult> {
    const changes = new Map<string, PropertyChange>();
    for (const [path, change] of detailedDiff(comparable(oldInputs), comparable(news))) {
      changes.set(path, { change, replace: false });
    }
    if (!hasUnknown(news) && (await contextHash(read(news))) !== plainObject(olds).contextHash) {
      changes.set("contextHash", { change: "UPDATE", replace: false });
    }
    return { changes, deleteBeforeReplace: false };
  }

  async create(request: ResourceRequest, inputs: JsonObject): Promise<ResourceState> {
    const properties = await this.#build(request, inputs);
    // An image that was not exported has no digest, and an id must not be empty.
    const digest = properties.digest;
    return { id: typeof digest === "string" && digest !== "" ? digest : request.name, properties };
  }

  async update(
    request: ResourceRequest,
    _oldInputs: JsonObject,
    _olds: JsonObject,
    news: JsonObject,
  ): Promise<JsonObject> {
    return this.#build(request, news);
  }

  /** What was pushed or stored belongs to its registry or runtime; the record is kept as it is. */
  read(request: ResourceRequest, inputs: JsonObject, properties: JsonObject): ReadState {
    return { id: request.id, inputs, properties };
  }

  delete(): void {
    // Images may be in use elsewhere: removing them is left to the registry's and the runtime's own rules.
  }

  async #build(request: ResourceRequest, inputs: JsonObject): Promise<JsonObject> {
    if (hasUnknown(inputs)) return { ...inputs, contextHash: UNKNOWN, digest: UNKNOWN, ref: UNKNOWN };
    const image = read(inputs);
    const hash = await contextHash(image);
    if (request.preview) return { ...inputs, contextHash: hash, digest: UNKNOWN, ref: UNKNOWN };
    const digest = await runBuild(request, builderFrom(this.#env), image, this.#env);
    return copySecretsInto(inputs, {
      ...plainObject(inputs),
      contextHash: hash,
      digest,
      ref: reference(image, digest),
    });
  }
}

/** One reference to the image: its first tag, pinned by digest. */
export function reference({ tags }: Pick<ImageInputs, "tags">, digest: string): string {
  const [tag] = tags;
  if (tag === undefined) return "";
  return digest === "" ? tag : `${fullReference(tag)}@${digest}`;
}

/** Wraps registry passwords and build secrets, whether the program did or not. */
export function hideCredentials(inputs: JsonObject): JsonObject {
  const hidden = { ...inputs };
  if (hidden.secrets !== undefined) hidden.secrets = secret(hidden.secrets);
  const { registries } = hidden;
  if (Array.isArray(registries)) hidden.registries = registries.map(hidePassword);
  return hidden;
}

function hidePassword(registry: JsonValue): JsonValue {
  if (isSecret(registry) || !isObject(registry) || registry.password === undefined) return registry;
  return { ...registry, password: secret(registry.password) };
}

/** Build arguments end up on a command line and in the image's history, so a secret one is refused. */
function secretArguments({ buildArgs }: JsonObject): CheckFailure[] {
  if (!hasSecret(buildArgs)) return [];
  const reason =
    "holds a secret, which would show in the process list and the image's history; use secrets instead";
  return [{ property: "buildArgs", reason }];
}

function pushWithoutTag(inputs: JsonObject): CheckFailure[] {
  const isTagged = inputs.tags === UNKNOWN || (Array.isArray(inputs.tags) && inputs.tags.length > 0);
  if (inputs.push !== true || isTagged || isSecret(inputs.tags)) return [];
  return [{ property: "tags", reason: "is empty, but push is on; expected at least one tag to push" }];
}

/** A renewed registry password is no reason to build again. */
function comparable(inputs: JsonObject): JsonObject {
  const { registries, ...rest } = plainObject(inputs);
  if (!Array.isArray(registries)) return rest;
  return {
    ...rest,
    registries: registries.map((registry) => (isObject(registry) ? (registry.address ?? null) : registry)),
  };
}

function read(inputs: JsonObject): ImageInputs {
  return imageInputs(plainObject(inputs));
}

function unsupportedType(type: string): PluginError {
  return new PluginError(
    "UNSUPPORTED_RESOURCE",
    `${type} is not supported by the stand-in docker-build plugin, which knows ${IMAGE_TYPE} only. Install the real ` +
      "pulumi-resource-docker-build to use it.",
  );
}
