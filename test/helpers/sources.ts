import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Source } from "./sourceRules.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** All TypeScript files of some folders and files of the project, by path from its root. */
export async function readSources(...paths: readonly string[]): Promise<Source[]> {
  const files = await Promise.all(paths.map(filesAt));
  const sources = files.flat().map(async (path) => ({
    path: relative(ROOT, path),
    text: await readFile(path, "utf8"),
  }));
  return Promise.all(sources);
}

async function filesAt(path: string): Promise<string[]> {
  const full = join(ROOT, path);
  if (path.endsWith(".ts")) return [full];
  const entries = await readdir(full, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("/node_modules/"));
}
