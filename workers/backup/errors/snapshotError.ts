import { WorkerError } from "../../shared/errors/workerError.ts";

/** What arrived is no complete, intact snapshot. Nothing of it is kept. */
export class SnapshotError extends WorkerError {
  readonly code = "SNAPSHOT_INVALID";
}
