import { WorkerError } from "./workerError.ts";

/** A bounded wait came to its end without a result. */
export class DeadlineError extends WorkerError {
  readonly code = "DEADLINE_EXCEEDED";
}
