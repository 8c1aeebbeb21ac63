import { redact, textOf, type Plain, type PlainObject, type Recorded } from "../helpers/pulumi.ts";

/** Everything that a stack registers, as one text that depends on nothing else: sorted, and with secrets blanked. */
export function renderDump(resources: readonly Recorded[]): string {
  const entries = resources.map(entryOf).sort((left, right) => compare(sortKey(left), sortKey(right)));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

function entryOf(resource: Recorded): PlainObject {
  const { type, name, parent, protect, retainOnDelete, ignoreChanges } = resource;
  return {
    type,
    name,
    parent: parent.split("::").at(-1) ?? "",
    ...(protect ? { protect } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges: [...ignoreChanges] } : {}),
    dependencies: resource.dependencies.map((urn) => urn.split("::").slice(-2).join(" ")).sort(),
    inputs: sorted(redact(resource.inputs)),
    ...(resource.outputs === undefined ? {} : { outputs: sorted(redact(resource.outputs)) }),
  };
}

/** Keys in order; lists stay as they are, for their order may mean something. */
function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => compare(left, right));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function sortKey(entry: PlainObject): string {
  return `${textOf(entry.type)} ${textOf(entry.name)}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
