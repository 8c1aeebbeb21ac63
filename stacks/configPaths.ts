/** Paths into the configuration: how `pulumi config` writes them, what the schema says at each, near misses. Pure. */
import { z } from "zod";
import { configSchema } from "./configSchema.ts";

/** Steps from the top of the configuration to a value. */
export type ConfigPath = readonly PropertyKey[];

/** What the schema says about one value, for reports and for the reference page. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** Allowed range in words. */
  readonly allowed?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly allOf?: readonly SchemaNode[];
}

/** The configuration schema as JSON Schema, with the fields' own `allowed` texts. */
export function describeSchema(): SchemaNode {
  return z.toJSONSchema(configSchema, { io: "output", reused: "inline" }) as SchemaNode;
}

/** The path as `pulumi config set --path` takes it: `redis.memoryLimit`, `persistence.savePoints[0].seconds`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const name = String(step);
    if (/[.[\]"]/.test(name)) return `${text}["${name.replaceAll('"', '\\"')}"]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** What the schema says at a path; nothing for a path that it does not know. */
export function nodeAt(root: SchemaNode, path: ConfigPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    const open: SchemaNode | boolean | undefined = node.additionalProperties;
    node =
      typeof step === "number"
        ? node.items
        : (node.properties?.[String(step)] ?? (typeof open === "object" ? open : undefined));
    if (node === undefined) return undefined;
  }
  return node;
}

/** The value at a path of plain data; nothing where the path leads nowhere. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined),
    data,
  );
}

/** Number of single-letter edits, swaps of neighbours included, between two words. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const edits = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1)];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits.push((beforeLast[j - 2] ?? 0) + 1);
      row.push(Math.min(...edits));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

function* pathsNamed(node: SchemaNode, name: string, path: ConfigPath = []): Generator<ConfigPath> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (key.toLowerCase() === name.toLowerCase()) yield [...path, key];
    yield* pathsNamed(child, name, [...path, key]);
  }
}

/** The known key that an unknown one most likely stands for: a near miss beside it, or the same name elsewhere. */
export function suggest(root: SchemaNode, parent: ConfigPath, key: string): string | undefined {
  const siblings = Object.keys(nodeAt(root, parent)?.properties ?? {});
  const near = siblings
    .map((name) => ({ name, edits: distance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0];
  if (near !== undefined) return formatPath([...parent, near.name]);
  const [elsewhere] = pathsNamed(root, key);
  return elsewhere === undefined ? undefined : formatPath(elsewhere);
}
