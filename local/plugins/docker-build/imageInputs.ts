import { booleanAt, isObject, listAt, objectAt, stringAt, textEntries } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import { PluginError } from "../rpc/pluginError.ts";

/** Credentials for one registry. */
export interface RegistryLogin {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** What to build, read from an Image's plain inputs. */
export interface ImageInputs {
  readonly tags: readonly string[];
  readonly contextLocation: string;
  /** Further build contexts by name: directories, `docker-image://`, `oci-layout://`. */
  readonly namedContexts: readonly (readonly [string, string])[];
  readonly dockerfileLocation?: string;
  readonly dockerfileInline?: string;
  readonly buildArgs: readonly (readonly [string, string])[];
  readonly labels: readonly (readonly [string, string])[];
  readonly buildSecrets: readonly (readonly [string, string])[];
  readonly platforms: readonly string[];
  readonly target?: string;
  /** Where the image goes: to its registries, into BuildKit's own image store, or nowhere. */
  readonly destination: "registry" | "store" | "nowhere";
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly registries: readonly RegistryLogin[];
}

/** Inputs that the stand-in would ignore; each holds a setting that changes the image. */
const UNSUPPORTED = ["addHosts", "ssh", "network"] as const;

/**
 * Reads an Image's inputs.
 *
 * @param inputs plain and completely known
 * @throws PluginError `UNSUPPORTED_OPTION` for settings that would be ignored in silence
 */
export function imageInputs(inputs: JsonObject): ImageInputs {
  for (const name of UNSUPPORTED) refuse(inputs, name);
  return {
    tags: texts(inputs, "tags"),
    contextLocation: stringAt(inputs, "context", "location") ?? ".",
    namedContexts: Object.entries(objectAt(inputs, "context", "named")).map(([name, context]) => [
      name,
      stringAt(context, "location") ?? "",
    ]),
    ...optional("dockerfileLocation", stringAt(inputs, "dockerfile", "location")),
    ...optional("dockerfileInline", stringAt(inputs, "dockerfile", "inline")),
    buildArgs: textEntries(inputs, "buildArgs"),
    labels: textEntries(inputs, "labels"),
    buildSecrets: textEntries(inputs, "secrets"),
    platforms: texts(inputs, "platforms"),
    ...optional("target", stringAt(inputs, "target")),
    destination: destination(inputs),
    noCache: booleanAt(inputs, "noCache") === true,
    pull: booleanAt(inputs, "pull") === true,
    cacheFrom: caches(inputs, "cacheFrom", "src"),
    cacheTo: caches(inputs, "cacheTo", "dest"),
    registries: listAt(inputs, "registries").map(registryLogin),
  };
}

/** A tagged image is kept where it was built unless the program pushes it or only wants the build to run. */
function destination(inputs: JsonObject): ImageInputs["destination"] {
  const kinds = enabledExports(inputs);
  if (booleanAt(inputs, "push") === true || kinds.has("registry")) return "registry";
  const onlyCache = kinds.size === 1 && kinds.has("cacheonly") && booleanAt(inputs, "load") !== true;
  return listAt(inputs, "tags").length === 0 || onlyCache ? "nowhere" : "store";
}

function enabledExports(inputs: JsonObject): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const entry of listAt(inputs, "exports").filter(isObject)) {
    if (booleanAt(entry, "disabled") === true) continue;
    for (const kind of Object.keys(entry).filter((key) => isObject(entry[key]))) {
      if (!["registry", "image", "docker", "cacheonly"].includes(kind)) throw unsupported(`exports.${kind}`);
      kinds.add(kind);
    }
    if (entry.raw !== undefined) throw unsupported("exports.raw");
  }
  return kinds;
}

/** Caches in BuildKit's own notation; local directories, registries and raw entries are simple enough. */
function caches(inputs: JsonObject, field: "cacheFrom" | "cacheTo", localKey: string): string[] {
  return listAt(inputs, field).flatMap((entry) => {
    if (booleanAt(entry, "disabled") === true) return [];
    const raw = stringAt(entry, "raw");
    if (raw !== undefined) return [raw];
    const directory = stringAt(entry, "local", localKey);
    const ref = stringAt(entry, "registry", "ref");
    const mode = stringAt(entry, "local", "mode") ?? stringAt(entry, "registry", "mode");
    const suffix = mode === undefined ? "" : `,mode=${mode}`;
    if (directory !== undefined) return [`type=local,${localKey}=${directory}${suffix}`];
    if (ref !== undefined) return [`type=registry,ref=${ref}${suffix}`];
    if (field === "cacheTo" && isObject(objectAt(entry).inline)) return ["type=inline"];
    throw unsupported(field);
  });
}

function registryLogin(entry: JsonObject[string]): RegistryLogin {
  return {
    address: stringAt(entry, "address") ?? "",
    username: stringAt(entry, "username") ?? "",
    password: stringAt(entry, "password") ?? "",
  };
}

function texts(inputs: JsonObject, field: string): string[] {
  return listAt(inputs, field).filter((item) => typeof item === "string");
}

function refuse(inputs: JsonObject, name: string): void {
  const value = inputs[name];
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  if (!isEmpty && value !== "default") throw unsupported(name);
}

function unsupported(name: string): PluginError {
  return new PluginError(
    "UNSUPPORTED_OPTION",
    `The image's "${name}" is not supported by the stand-in docker-build plugin. Leave it out, or install the real ` +
      "pulumi-resource-docker-build.",
  );
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
