import { WorkerError } from "./workerError.ts";

/** Redis could not be reached, or the connection ended in the middle. Trying again may help. */
export class ConnectionError extends WorkerError {
  readonly code = "CONNECTION_FAILED";
}
