/** A mistake in how the command was called or in what it was given; ends with exit code 2 and no stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "USAGE";
}

/** A step that failed for a reason the operator can act on; ends with exit code 1 and no stack trace. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code = "OPERATION";
}
