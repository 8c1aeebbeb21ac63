import { AccessError } from "../shared/errors/accessError.ts";
import { asWorkerError, replyCode } from "../shared/replyErrors.ts";
import { ConnectionError } from "../shared/errors/connectionError.ts";

/** One slot of what exec() gives back. */
export type PipelineReply = readonly [error: Error | null, result: unknown];

/** A reply, sorted: a value, a value of the wrong type at the key, or another refusal. */
export type Reply =
  | { readonly state: "value"; readonly value: unknown }
  | { readonly state: "wrong-type" }
  | { readonly state: "refused"; readonly error: Error };

/**
 * Sorts one pipeline reply. Trouble with a single key stays with that key; trouble with the connection or
 * the account is thrown, since nothing after it can be trusted.
 */
export function sortReply(reply: PipelineReply | undefined): Reply {
  if (reply === undefined) throw new ConnectionError("Redis answered fewer commands than it was sent");
  const [error, value] = reply;
  if (error === null) return { state: "value", value };
  if (replyCode(error) === "WRONGTYPE") return { state: "wrong-type" };
  const sorted = asWorkerError(error, "reading or cleaning up");
  if (sorted instanceof ConnectionError || sorted instanceof AccessError) throw sorted;
  return { state: "refused", error };
}

/** The whole answer of a pipeline; null only ever means that the connection broke. */
export function allReplies(replies: readonly PipelineReply[] | null): readonly PipelineReply[] {
  if (replies === null) throw new ConnectionError("Redis gave no answer to a pipeline");
  return replies;
}

/** A whole number among replies; undefined for anything else. */
export function asNumber(reply: Reply): number | undefined {
  return reply.state === "value" && typeof reply.value === "number" ? reply.value : undefined;
}

/** A text among replies; undefined for nil and anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The server's clock out of a TIME reply, ms: the pod's own clock may be wrong. */
export function timeMs(reply: Reply): number {
  const parts = reply.state === "value" && Array.isArray(reply.value) ? (reply.value as unknown[]) : [];
  const seconds = Number(parts[0]);
  const micros = Number(parts[1]);
  if (parts.length !== 2 || Number.isNaN(seconds + micros)) {
    throw new ConnectionError("Redis answered TIME with something else than seconds and microseconds");
  }
  return seconds * 1_000 + Math.floor(micros / 1_000);
}
