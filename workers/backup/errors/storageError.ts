import { WorkerError } from "../../shared/errors/workerError.ts";

/** The backup volume refused to read, write or delete; its space or permissions are the usual reason. */
export class StorageError extends WorkerError {
  readonly code = "STORAGE_FAILED";
}
