import { PluginError } from "../rpc/pluginError.ts";

/** Where the BuildKit client is and which daemon it talks to. */
export interface Builder {
  readonly buildctl: string;
  /** For example `unix:///run/buildkit/buildkitd.sock`. */
  readonly address: string;
}

/**
 * Finds BuildKit by the environment.
 *
 * @throws PluginError `NO_BUILDER` when one of the two variables is missing
 */
export function builderFrom(env: NodeJS.ProcessEnv): Builder {
  const { SESSIONDB_BUILDCTL: buildctl = "", SESSIONDB_BUILDKIT_ADDR: address = "" } = env;
  if (buildctl !== "" && address !== "") {
    return { buildctl, address: address.includes("://") ? address : `unix://${address}` };
  }
  const got = `SESSIONDB_BUILDCTL is "${buildctl}" and SESSIONDB_BUILDKIT_ADDR is "${address}"`;
  throw new PluginError(
    "NO_BUILDER",
    `Cannot build an image: ${got}; expected the path of BuildKit's client and the address of its daemon. Start the ` +
      "local cluster with ./sessiondb up, set both variables, or configure a prebuilt image instead of building one.",
  );
}
