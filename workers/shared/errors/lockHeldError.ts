import { WorkerError } from "./workerError.ts";

/** Another run of the same worker is still going on; this one leaves without having done anything. */
export class LockHeldError extends WorkerError {
  readonly code = "LOCK_HELD";
}
