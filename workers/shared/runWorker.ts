import { ConfigurationError } from "./errors/configurationError.ts";
import { LockHeldError } from "./errors/lockHeldError.ts";
import { WorkerError } from "./errors/workerError.ts";
import { EXIT, type ExitCode } from "./exitCodes.ts";

/** What a finished run reports: its exit status and the fields of its summary line. */
export interface WorkerResult {
  readonly exitCode: ExitCode;
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Time that open handles get after the work is over, before the process is ended anyway. */
const LINGER_MS = 5_000;

/**
 * Runs a worker as the whole process: prints exactly one JSON line to stdout (also after an error) and sets
 * the exit status. Errors map to statuses by class: bad configuration 2, lock held 75, everything else 1.
 */
export async function runWorker(worker: string, run: () => Promise<WorkerResult>): Promise<void> {
  const startedAt = Date.now();
  let result: WorkerResult;
  try {
    result = await run();
  } catch (error) {
    result = failure(error, Date.now() - startedAt);
  }
  process.stdout.write(`${JSON.stringify({ worker, ok: result.exitCode === EXIT.ok, ...result.summary })}\n`);
  process.exitCode = result.exitCode;
  setTimeout(() => process.exit(result.exitCode), LINGER_MS).unref();
}

/** The summary of a run that ended with an error. */
export function failure(error: unknown, durationMs: number): WorkerResult {
  const code = error instanceof WorkerError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodeOf(error), summary: { error: { code, message }, durationMs } };
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigurationError) return EXIT.usage;
  if (error instanceof LockHeldError) return EXIT.locked;
  return EXIT.failed;
}
