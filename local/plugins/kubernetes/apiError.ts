import { PluginError } from "../rpc/pluginError.ts";

/** A refusal by the API server, with its HTTP status and its own reason word. */
export class ApiError extends PluginError {
  override readonly name = "ApiError";
  readonly httpStatus: number;
  readonly reason: string;

  constructor(httpStatus: number, reason: string, message: string) {
    super("API_ERROR", message);
    this.httpStatus = httpStatus;
    this.reason = reason;
  }
}

/** Whether the API server said that something does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 404;
}
