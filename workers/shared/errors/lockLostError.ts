import { WorkerError } from "./workerError.ts";

/** The run lock expired or was taken over while the run was still going on. */
export class LockLostError extends WorkerError {
  readonly code = "LOCK_LOST";
}
