import { constants, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { isAccessible } from "../support/accessible.ts";
import dockerBuild from "@pulumi/docker-build/package.json" with { type: "json" };
import kubernetes from "@pulumi/kubernetes/package.json" with { type: "json" };
import random from "@pulumi/random/package.json" with { type: "json" };
import { executableName, PLUGIN_NAMES, STAND_IN_MARKER } from "./pluginNames.ts";
import type { PluginName } from "./pluginNames.ts";

/** Versions that the program's SDKs ask the engine for. */
export const SDK_VERSIONS: Readonly<Record<PluginName, string>> = {
  kubernetes: kubernetes.version,
  random: random.version,
  "docker-build": dockerBuild.version,
};

/**
 * Real plugins that the engine would find by itself: executables on PATH that are not stand-ins, and
 * completely installed ones of the SDK's version in the plugin cache (`$PULUMI_HOME/plugins`). The engine takes
 * what is on PATH first, so a stand-in must stay off PATH for every plugin found here.
 *
 * @returns path of the executable by plugin name; plugins without a real one are missing
 */
export async function findRealPlugins(env: NodeJS.ProcessEnv): Promise<Map<PluginName, string>> {
  const found = new Map<PluginName, string>();
  for (const plugin of PLUGIN_NAMES) {
    const path = (await onPath(plugin, env)) ?? (await inCache(plugin, env));
    if (path !== undefined) found.set(plugin, path);
  }
  return found;
}

async function onPath(plugin: PluginName, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env.PATH ?? "").split(delimiter)) {
    if (directory === "" || (await isAccessible(join(directory, STAND_IN_MARKER)))) continue;
    const path = join(directory, executableName(plugin));
    if (await isAccessible(path, constants.X_OK)) return path;
  }
  return undefined;
}

async function inCache(plugin: PluginName, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const home = env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi");
  const cache = join(home, "plugins");
  const directory = `resource-${plugin}-v${SDK_VERSIONS[plugin]}`;
  const entries: readonly string[] = await readdir(cache).catch(() => []);
  // The engine leaves a ".partial" file beside a download that did not finish.
  if (!entries.includes(directory) || entries.includes(`${directory}.partial`)) return undefined;
  const path = join(cache, directory, executableName(plugin));
  return (await isAccessible(path, constants.X_OK)) ? path : undefined;
}
