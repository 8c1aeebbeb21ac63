import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Runs `work` while holding an exclusive lock on `file`, waiting for any other holder.
 *
 * The lock is the kernel's (`flock`), held by a child that ends as soon as its standard input closes: however
 * this process dies, the lock goes with it, so there is no stale lock to clean up.
 *
 * @param onWait called once, when somebody else holds the lock.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const notify = setTimeout(() => onWait?.(), 500);
  try {
    await Promise.race([
      once(holder.stdout, "data"),
      once(holder, "exit").then(([code]) => {
        throw new Error(
          `cannot lock ${file}: flock ended with code ${String(code)}. Is util-linux installed?`,
        );
      }),
    ]);
    clearTimeout(notify);
    return await work();
  } finally {
    clearTimeout(notify);
    const ended = holder.exitCode === null ? once(holder, "exit") : Promise.resolve();
    holder.stdin.end();
    await ended;
  }
}
