import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "./apiError.ts";

/** How often and how patiently to try again. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** About eight seconds in all: longer than an API server's restart of its listener, shorter than patience. */
export const API_RETRY: RetryPolicy = { attempts: 6, firstDelayMs: 250, maxDelayMs: 4_000 };

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Answers that come from overload, a proxy without a server behind it, or a server that is still starting. */
const BUSY_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Whether a failed call is worth repeating. Applies and deletions may be repeated like reads, since doing them
 * twice changes nothing; a plain 500 is repeated for reads only, because for writes it is mostly an admission
 * webhook's verdict.
 */
export function isTransient(error: unknown, method: string): boolean {
  if (error instanceof ApiError) {
    return BUSY_STATUS.has(error.httpStatus) || (error.httpStatus === 500 && method === "GET");
  }
  return error instanceof Error && CONNECTION_CODES.has(errorCode(error));
}

/** Pause before attempt number `attempt` (1 is the first repetition). */
export function backoffMs(policy: RetryPolicy, attempt: number): number {
  return Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
}

/** Runs a task, again after a pause while its failures are transient and attempts are left. */
export async function withRetry<Result>(
  task: () => Promise<Result>,
  isWorthRepeating: (error: unknown) => boolean,
  signal: AbortSignal,
  policy: RetryPolicy = API_RETRY,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task();
    } catch (error) {
      if (attempt >= policy.attempts || signal.aborted || !isWorthRepeating(error)) throw error;
      await pause(backoffMs(policy, attempt), signal);
    }
  }
}

/** Waits, or returns early when the update is cancelled. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function errorCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
