import { detailedDiff } from "../rpc/detailedDiff.ts";
import { hasUnknown, plainObject } from "../rpc/envelopes.ts";
import { stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { DiffResult, PropertyChange } from "../rpc/plugin.ts";
import { forcesReplacement } from "./immutablePaths.ts";
import type { Mutability } from "./immutablePaths.ts";
import { annotation, AUTONAMED_ANNOTATION, groupOf } from "./objects.ts";

/** Compares what the program wanted before with what it wants now. */
export function diffObject(oldInputs: JsonObject, news: JsonObject, mutability: Mutability): DiffResult {
  const [olds, wanted] = [plainObject(oldInputs), plainObject(news)];
  const about = {
    apiVersion: stringAt(wanted, "apiVersion") ?? "",
    kind: stringAt(wanted, "kind") ?? "",
    frozen: olds.immutable === true,
  };
  const changes = new Map<string, PropertyChange>();
  for (const [path, change] of detailedDiff(olds, wanted)) {
    const replace =
      path === "apiVersion"
        ? groupOf(stringAt(olds, "apiVersion") ?? "") !== groupOf(about.apiVersion)
        : forcesReplacement(path, about, mutability);
    changes.set(path, { change, replace });
  }
  const replaced = [...changes.values()].some(({ replace }) => replace);
  return { changes, deleteBeforeReplace: replaced && keepsExplicitName(olds, wanted) };
}

/** Two objects cannot share one name, so a replacement under the same explicit name needs the old one gone. */
function keepsExplicitName(olds: JsonObject, wanted: JsonObject): boolean {
  const names = (object: JsonObject) => [
    object.kind,
    stringAt(object, "metadata", "namespace"),
    stringAt(object, "metadata", "name"),
  ];
  const before = names(olds);
  return (
    names(wanted).every((part, index) => part === before[index]) &&
    !hasUnknown([
      stringAt(wanted, "metadata", "name") ?? null,
      stringAt(wanted, "metadata", "namespace") ?? null,
    ]) &&
    annotation(wanted, AUTONAMED_ANNOTATION) !== "true"
  );
}
