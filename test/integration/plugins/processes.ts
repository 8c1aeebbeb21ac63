import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How long a process may take to end before it is killed. */
const STOP_PATIENCE_MS = 10_000;

/** Starts a program with its output in a file; it dies with this process at the latest. */
export function startProgram(path: string, args: readonly string[], logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  const child = spawn(path, args, { stdio: ["ignore", log, log] });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** Ends a program and waits until it is gone. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
  await gone;
  clearTimeout(killer);
}

/** Asks until something is there; the error after `timeoutMs` says what was awaited and what came last. */
export async function eventually<Result>(
  what: string,
  attempt: () => Promise<Result | undefined> | Result | undefined,
  timeoutMs = 60_000,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: last });
}

/** A port on the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the loopback gave no port");
  return address.port;
}

/** A process of this machine. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All running processes; those that end while looking are left out. */
export async function runningProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(pids.map(processInfo));
  return all.filter((info) => info !== undefined);
}

async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return { pid, parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command };
  } catch {
    return undefined;
  }
}
