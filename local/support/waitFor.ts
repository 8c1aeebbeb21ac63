import { setTimeout as delay } from "node:timers/promises";

/** What to wait for, how long, and how often to look. */
export interface WaitOptions {
  /** What is awaited, for the message of a wait that ran out. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Milliseconds between two looks. @default 200 */
  readonly intervalMs?: number;
  /** Where to look next when the wait ran out, for example a log file. */
  readonly hint?: string;
}

/**
 * Repeats `look` until it returns something other than undefined. An error of `look` counts as "not yet" and
 * its message is kept for the failure.
 *
 * @throws Error naming what was awaited, for how long, and the last thing seen.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const end = performance.now() + options.timeoutSeconds * 1000;
  let last = "nothing yet";
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > end) {
      const hint = options.hint === undefined ? "" : ` Look at ${options.hint}.`;
      throw new Error(`waited ${options.timeoutSeconds} s for ${options.what}; last seen: ${last}.${hint}`);
    }
    await delay(options.intervalMs ?? 200);
  }
}
