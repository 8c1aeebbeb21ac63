import type { JsonObject } from "../rpc/json.ts";
import type { ResourceRequest } from "../rpc/plugin.ts";
import { annotation, keyOf, SKIP_AWAIT_ANNOTATION, timeoutSecondsFor } from "./objects.ts";
import type { ObjectStore } from "./objectStore.ts";
import { explainPods, readinessCheck } from "./readiness/readiness.ts";
import { pause } from "./retry.ts";

/** How waiting for an object ended. */
export interface Settled {
  /** The object as last seen. */
  readonly live: JsonObject;
  /** Why it is not ready; empty when it is. */
  readonly reasons: readonly string[];
}

const FIRST_PAUSE_MS = 150;
const MAX_PAUSE_MS = 1_000;

/** Waits until an object is ready, will never be, or its time is up; annotated objects are not waited for. */
export async function settle(
  request: ResourceRequest,
  applied: JsonObject,
  store: ObjectStore,
): Promise<Settled> {
  const check = readinessCheck(applied);
  if (check === undefined || annotation(applied, SKIP_AWAIT_ANNOTATION) === "true") {
    return { live: applied, reasons: [] };
  }
  const timeoutSeconds = timeoutSecondsFor(request.timeoutSeconds, applied);
  const deadline = Date.now() + timeoutSeconds * 1000;
  let live = applied;
  let said = "";
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS)) {
    const verdict = await check(live, store);
    if (verdict.state === "ready") return { live, reasons: [] };
    const giveUp = giveUpReason(
      verdict.state === "failed",
      verdict.reason,
      deadline,
      timeoutSeconds,
      request.signal,
    );
    if (giveUp !== undefined) return { live, reasons: [giveUp, ...(await explainPods(live, store))] };
    if (verdict.reason !== said) request.say((said = verdict.reason));
    await pause(pauseMs, request.signal);
    const found = await store.get(keyOf(live));
    if (found === undefined)
      return { live, reasons: ["it was deleted by someone else while waiting for it"] };
    live = found;
  }
}

function giveUpReason(
  hopeless: boolean,
  reason: string,
  deadline: number,
  timeoutSeconds: number,
  signal: AbortSignal,
): string | undefined {
  if (hopeless) return reason;
  if (signal.aborted) return `cancelled while waiting: ${reason}`;
  return Date.now() >= deadline ? `not ready after ${timeoutSeconds} s: ${reason}` : undefined;
}
