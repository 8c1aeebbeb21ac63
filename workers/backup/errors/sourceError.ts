import { WorkerError } from "../../shared/errors/workerError.ts";

/** No node may be, or may go on being, the source of a backup. */
export class SourceError extends WorkerError {
  readonly code = "NO_SUITABLE_SOURCE";
}
