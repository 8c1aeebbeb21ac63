import { WorkerError } from "./workerError.ts";

/** Redis answered, but refused the account: wrong password, disabled user or missing permission. Retrying is useless. */
export class AccessError extends WorkerError {
  readonly code = "ACCESS_REFUSED";
}
