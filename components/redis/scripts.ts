import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the shell scripts that run in the pods. */
const DIRECTORY = join(import.meta.dirname, "scripts");

/** The scripts by name. */
export type ScriptName = "launch.sh" | "ready.sh" | "live.sh" | "sentinel-ready.sh";

/** Where the scripts appear in a container. */
export const SCRIPTS_DIRECTORY = "/etc/sessiondb/scripts";

/** The text of some scripts, as a ConfigMap holds them. */
export function scriptFiles(...names: readonly ScriptName[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(DIRECTORY, name), "utf8")]));
}

/** The command that runs a script. The files are not executable: they are read by the image's shell. */
export function scriptCommand(name: ScriptName): string[] {
  return ["sh", `${SCRIPTS_DIRECTORY}/${name}`];
}
