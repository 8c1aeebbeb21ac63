import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { NodeComponent } from "./components.ts";
import { enterArguments } from "./sandbox.ts";
import type { NodeSettings } from "./settings.ts";

/** Path of a component's log. */
export function logFile(settings: NodeSettings, name: string): string {
  return join(settings.directories.logs, `${name}.log`);
}

function pidFile(settings: NodeSettings, name: string): string {
  return join(settings.directories.run, `${name}.pid`);
}

/** Whether a component's recorded process still lives in this sandbox. */
async function isRunning(settings: NodeSettings, sandbox: number, name: string): Promise<boolean> {
  const pid = await readFile(pidFile(settings, name), "utf8").catch(() => undefined);
  if (pid === undefined) return false;
  const check = await execa("nsenter", [...enterArguments(sandbox), "readlink", `/proc/${pid.trim()}/exe`], {
    reject: false,
  });
  return !check.failed && check.stdout.length > 0;
}

/**
 * Starts a component inside the node as a session of its own, so that it outlives the command that started
 * it. Does nothing when it runs already.
 */
export async function startComponent(
  settings: NodeSettings,
  sandbox: number,
  component: NodeComponent,
): Promise<void> {
  if (await isRunning(settings, sandbox, component.name)) return;
  await mkdir(settings.directories.logs, { recursive: true });
  const log = openSync(logFile(settings, component.name), "a");
  // The shell writes its own pid, as seen inside the node, and then becomes the component.
  const script = 'echo $$ > "$PIDFILE" && exec "$@"';
  const child = spawn(
    "nsenter",
    [...enterArguments(sandbox), "setsid", "sh", "-c", script, "sh", ...component.command],
    {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...component.env, PIDFILE: pidFile(settings, component.name) },
    },
  );
  child.unref();
  closeSync(log);
}

/** Sends a signal to a component inside the node; a component that is not running is not an error. */
export async function signalComponent(
  settings: NodeSettings,
  sandbox: number,
  name: string,
  signal: string,
): Promise<void> {
  const pid = await readFile(pidFile(settings, name), "utf8").catch(() => undefined);
  if (pid === undefined) return;
  await execa("nsenter", [...enterArguments(sandbox), "kill", `-${signal}`, pid.trim()], { reject: false });
}

/** Writes a file of the node's configuration, creating its folder. */
export async function writeConfig(
  settings: NodeSettings,
  name: string,
  text: string,
  mode = 0o644,
): Promise<void> {
  const path = join(settings.directories.config, name);
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode });
}
