import { PluginError } from "../rpc/pluginError.ts";

/** The cluster serves no such kind, or not yet: its definition may be part of the same update. */
export class UnknownKindError extends PluginError {
  override readonly name = "UnknownKindError";

  constructor(apiVersion: string, kind: string) {
    super(
      "UNKNOWN_KIND",
      `The cluster has no kind "${kind}" in ${apiVersion}. Install what defines it first (its ` +
        "CustomResourceDefinition), or make the resource depend on it.",
    );
  }
}
