import { PluginError } from "../rpc/pluginError.ts";

/** Types of the SDK that are no plain objects of the API, with what to do instead. */
function reasonFor(type: string): string | undefined {
  const [, groupVersion = "", kind = ""] = type.split(":");
  if (kind === "Release" && groupVersion.startsWith("helm.sh/")) {
    return "It needs Helm: render the chart into plain resources";
  }
  if (
    groupVersion.startsWith("helm.sh/") ||
    groupVersion.startsWith("yaml/v2") ||
    groupVersion.startsWith("kustomize/")
  ) {
    return "It is a component of the real plugin: declare the resources themselves";
  }
  if (kind.endsWith("Patch")) return "Patches of foreign objects are left out: own the whole object";
  if (kind.endsWith("List") && kind !== "List") return "Lists are left out: declare each object on its own";
  return undefined;
}

/**
 * Refuses types that would need more than an apply.
 *
 * @throws PluginError `UNSUPPORTED_RESOURCE`
 */
export function refuseUnsupportedType(type: string): void {
  const reason = reasonFor(type);
  if (reason === undefined) return;
  throw new PluginError(
    "UNSUPPORTED_RESOURCE",
    `${type} is not supported by the stand-in kubernetes plugin. ${reason}, or install the real ` +
      "pulumi-resource-kubernetes and put it on PATH.",
  );
}
