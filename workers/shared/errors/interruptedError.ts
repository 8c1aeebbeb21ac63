import { WorkerError } from "./workerError.ts";

/** The process was told to stop (SIGTERM or SIGINT) before the work was finished. */
export class InterruptedError extends WorkerError {
  readonly code = "INTERRUPTED";
}
