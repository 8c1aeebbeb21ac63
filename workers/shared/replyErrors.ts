import { AccessError } from "./errors/accessError.ts";
import { ConnectionError } from "./errors/connectionError.ts";
import { WorkerError } from "./errors/workerError.ts";

/** Codes with which a healthy client is told to come back: role changes, loading, missing replicas. */
const TEMPORARY = new Set([
  "LOADING",
  "MASTERDOWN",
  "READONLY",
  "NOREPLICAS",
  "TRYAGAIN",
  "BUSY",
  "CLUSTERDOWN",
]);
const REFUSED = new Set(["NOAUTH", "WRONGPASS", "NOPERM"]);

/**
 * The code that Redis puts in front of an error reply (WRONGTYPE, NOPERM, ...); undefined when the error did
 * not come from the server, so when the connection itself is in doubt.
 */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  return /^([A-Z]+)\b/.exec(error.message)?.[1] ?? "ERR";
}

/** Mistakes in the program, which no other attempt would mend. */
const DEFECTS = [TypeError, RangeError, ReferenceError, SyntaxError];

/**
 * Turns whatever a Redis call threw into one of the workers' errors: AccessError, ConnectionError (worth
 * another attempt), or the error itself. Anything that is no reply leaves the connection in an unknown state.
 */
export function asWorkerError(error: unknown, doing: string): Error {
  if (error instanceof WorkerError) return error;
  if (error instanceof Error && DEFECTS.some((type) => error instanceof type)) return error;
  const code = replyCode(error);
  const text = error instanceof Error ? error.message : String(error);
  if (code === undefined) return new ConnectionError(`lost Redis while ${doing}: ${text}`, { cause: error });
  if (TEMPORARY.has(code)) {
    return new ConnectionError(`Redis cannot serve this for now (${doing}): ${text}`, { cause: error });
  }
  if (REFUSED.has(code)) return new AccessError(`Redis refused ${doing}: ${text}`, { cause: error });
  return error instanceof Error ? error : new Error(text);
}
