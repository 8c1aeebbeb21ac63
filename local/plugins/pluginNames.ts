/** Packages that a stand-in exists for; the executables are called `pulumi-resource-<name>`. */
export const PLUGIN_NAMES = ["kubernetes", "random", "docker-build"] as const;

/** One of {@link PLUGIN_NAMES}. */
export type PluginName = (typeof PLUGIN_NAMES)[number];

/** File in a directory of stand-ins that tells them apart from real plugins. */
export const STAND_IN_MARKER = ".sessiondb-stand-in";

/** Name of a plugin's executable. */
export function executableName(plugin: PluginName): string {
  return `pulumi-resource-${plugin}`;
}
