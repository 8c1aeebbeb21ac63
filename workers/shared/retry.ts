import { setTimeout as sleep } from "node:timers/promises";

/** Error classes worth another attempt. */
export type RetryableErrors = readonly (abstract new (...args: never[]) => Error)[];

/** Settings of retry. */
export interface RetryOptions {
  readonly on: RetryableErrors;
  /** Calls in all, the first included. @default 5 */
  readonly attempts?: number;
  /** Upper bound of the first pause. @default 200 */
  readonly baseDelayMs?: number;
  /** Upper bound of every pause. @default 5 000 */
  readonly maxDelayMs?: number;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told before each pause, for the log. */
  readonly onRetry?: (error: Error, attempt: number, delayMs: number) => void;
  /** @default Math.random */
  readonly random?: () => number;
}

const DEFAULTS = { attempts: 5, baseDelayMs: 200, maxDelayMs: 5_000 } as const;

/**
 * Calls `work` until it succeeds, fails with an error that is not listed, or the attempts are used up; then
 * its last error is thrown unchanged. `work` is told the number of the attempt, from 1.
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const attempts = options.attempts ?? DEFAULTS.attempts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      const retryable = error instanceof Error && options.on.some((type) => error instanceof type);
      if (!retryable || attempt >= attempts || options.signal?.aborted) throw error;
      const delayMs = retryDelayMs(attempt, options);
      options.onRetry?.(error, attempt, delayMs);
      await pause(delayMs, options.signal);
    }
  }
}

/**
 * Pause before attempt `attempt` + 1: between half and the whole of base × 2^(attempt-1), which itself is
 * capped, so that clients which failed together do not come back together.
 */
export function retryDelayMs(
  attempt: number,
  options: Pick<RetryOptions, "baseDelayMs" | "maxDelayMs" | "random"> = {},
): number {
  const base = options.baseDelayMs ?? DEFAULTS.baseDelayMs;
  const cap = options.maxDelayMs ?? DEFAULTS.maxDelayMs;
  const whole = Math.min(cap, base * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole / 2 + ((options.random ?? Math.random)() * whole) / 2);
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
  } catch (error) {
    // The timer rejects with its own AbortError; callers decide by the reason they gave.
    throw signal?.aborted ? signal.reason : error;
  }
}
