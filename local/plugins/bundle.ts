import { isAccessible } from "../support/accessible.ts";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { executableName, PLUGIN_NAMES, STAND_IN_MARKER } from "./pluginNames.ts";
import type { PluginName } from "./pluginNames.ts";

export { PLUGIN_NAMES } from "./pluginNames.ts";
export type { PluginName } from "./pluginNames.ts";
export { findRealPlugins } from "./realPlugins.ts";

/** Where the stand-ins are and which ones they are. */
export interface BundledPlugins {
  /** Directory to put in front of PATH. */
  readonly dir: string;
  readonly plugins: string[];
}

const SOURCES = dirname(fileURLToPath(import.meta.url));
const LOCKFILE = join(SOURCES, "..", "..", "package-lock.json");

/**
 * Bundles the stand-in plugins into executables below `outDir`, in a directory named by a hash of everything
 * that goes into them, so that an unchanged checkout bundles once. Runs at the same time build apart and the
 * first to finish wins.
 *
 * @param outDir a cache directory; made when missing
 * @param names which plugins, for leaving out those that have a real one
 */
export async function bundlePlugins(
  outDir: string,
  names: readonly PluginName[] = PLUGIN_NAMES,
): Promise<BundledPlugins> {
  const plugins = PLUGIN_NAMES.filter((name) => names.includes(name)).map(String);
  const dir = join(outDir, await contentKey(names));
  if (!(await isAccessible(dir))) await buildInto(dir, outDir, names);
  return { dir, plugins };
}

async function buildInto(dir: string, outDir: string, names: readonly PluginName[]): Promise<void> {
  const workDir = join(outDir, `.building-${randomUUID()}`);
  await mkdir(workDir, { recursive: true });
  try {
    await Promise.all(names.map((name) => bundle(name, workDir)));
    for (const name of names) await writeExecutable(name, workDir, dir);
    await writeFile(join(workDir, STAND_IN_MARKER), "Stand-ins of sessiondb for real Pulumi plugins.\n");
    await rename(workDir, dir);
  } catch (error) {
    // Another run may have put the same contents there in the meantime: then this one's work was superfluous.
    if (!(await isAccessible(dir))) throw error;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function bundle(name: PluginName, workDir: string): Promise<void> {
  await build({
    entryPoints: [join(SOURCES, name, "main.ts")],
    outfile: join(workDir, `${name}.cjs`),
    bundle: true,
    platform: "node",
    target: "node22",
    // CommonJS: gRPC and the protocol's messages require() modules in ways that ESM output cannot express.
    format: "cjs",
    logLevel: "error",
  });
}

/** A wrapper, since the engine starts executables and the node to use may not be the one on PATH. */
async function writeExecutable(name: PluginName, workDir: string, finalDir: string): Promise<void> {
  const script = `#!/bin/sh\nexec ${shellQuote(process.execPath)} ${shellQuote(join(finalDir, `${name}.cjs`))} "$@"\n`;
  await writeFile(join(workDir, executableName(name)), script, { mode: 0o755 });
}

/** Hash over the sources, the locked versions, the node that runs them and where they will stand. */
async function contentKey(names: readonly PluginName[]): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([[...names].sort(), process.execPath]));
  for (const path of [...(await sourceFiles(SOURCES)), LOCKFILE]) {
    hash.update(`\0${relative(SOURCES, path)}\0`).update(await readFile(path));
  }
  return hash.digest("hex").slice(0, 16);
}

async function sourceFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
