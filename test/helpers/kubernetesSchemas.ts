/**
 * JSON Schemas of Kubernetes objects for kubeconform, made from the API's own description (the `swagger.json` of the
 * Kubernetes Go module, which the tool build has downloaded anyway). Nothing is fetched.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Kubernetes version that the manifests are checked against. */
export const KUBERNETES_VERSION = "1.34.4";

const MODULE = `k8s.io/kubernetes@v${KUBERNETES_VERSION}`;

/** One schema of the description, or a part of it. */
export interface Schema {
  readonly [key: string]: unknown;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const INT_OR_STRING: Schema = { oneOf: [{ type: "string" }, { type: "integer" }] };

/** Types whose description names a wire format instead of what a manifest may hold. */
const OVERRIDES: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": INT_OR_STRING,
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
};

/** Where the Go module cache keeps the API's description; undefined when this machine has none. */
export function findSwagger(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const roots = [environment.GOMODCACHE, join(environment.GOPATH ?? join(homedir(), "go"), "pkg", "mod")];
  return roots
    .flatMap((root) =>
      root === undefined || root === "" ? [] : [join(root, MODULE, "api/openapi-spec/swagger.json")],
    )
    .find((path) => existsSync(path));
}

/** A schema that refuses unknown fields and takes null for optional ones, as the API server does with `strict` validation. */
export function strictSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const node = schema as Schema;
  if (node.format === "int-or-string") return INT_OR_STRING;
  const required = new Set(node.required ?? []);
  const entries = Object.entries(node)
    .filter(([key]) => key !== "description" && !key.startsWith("x-kubernetes-"))
    .map(([key, value]): [string, unknown] => {
      // Below `properties` the keys are names of fields: one of them may well be "description".
      if (key !== "properties") return [key, strictSchema(value)];
      const fields = Object.entries(value as Record<string, Schema>).map(
        ([name, field]): [string, unknown] => {
          const strict = strictSchema(field) as Schema;
          return [name, required.has(name) ? strict : nullable(strict)];
        },
      );
      return [key, Object.fromEntries(fields)];
    });
  const closed = "properties" in node && !("additionalProperties" in node);
  return Object.fromEntries(closed ? [...entries, ["additionalProperties", false]] : entries);
}

function nullable(schema: Schema): Schema {
  return typeof schema.type === "string" ? { ...schema, type: [schema.type, "null"] } : schema;
}

/** File name under which kubeconform looks for a kind, given `schemaLocation`'s template. */
export function schemaFileName({ group, version, kind }: GroupVersionKind): string {
  const [shortGroup = ""] = group.split(".");
  return `${[kind.toLowerCase(), shortGroup, version].filter((part) => part !== "").join("-")}.json`;
}

/** kubeconform's `-schema-location` for a folder written by `writeSchemas`. */
export function schemaLocation(directory: string): string {
  return join(directory, "{{ .ResourceKind }}{{ .KindSuffix }}.json");
}

/**
 * Writes one schema per kind, and the definitions that all of them refer to.
 *
 * @returns number of kinds
 */
export async function writeSchemas(swaggerFile: string, directory: string): Promise<number> {
  const { definitions } = JSON.parse(await readFile(swaggerFile, "utf8")) as {
    definitions: Record<string, Schema>;
  };
  const strict = Object.fromEntries(
    Object.entries({ ...definitions, ...OVERRIDES }).map(([name, schema]) => [name, strictSchema(schema)]),
  );
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "_definitions.json"), JSON.stringify({ definitions: strict }));
  let written = 0;
  for (const [name, schema] of Object.entries(definitions)) {
    const kinds = (schema["x-kubernetes-group-version-kind"] ?? []) as GroupVersionKind[];
    const [kind] = kinds;
    // Those with several are envelopes such as DeleteOptions, which no manifest holds.
    if (kind === undefined || kinds.length > 1) continue;
    const top = withFixedKind(strict[name] as Schema, kind);
    const text = JSON.stringify(top).replaceAll('"#/definitions/', '"_definitions.json#/definitions/');
    await writeFile(join(directory, schemaFileName(kind)), text);
    written += 1;
  }
  return written;
}

function withFixedKind(schema: Schema, { group, version, kind }: GroupVersionKind): Schema {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const properties = { ...schema.properties };
  if ("apiVersion" in properties) properties.apiVersion = { type: "string", enum: [apiVersion] };
  if ("kind" in properties) properties.kind = { type: "string", enum: [kind] };
  return { ...schema, properties };
}
