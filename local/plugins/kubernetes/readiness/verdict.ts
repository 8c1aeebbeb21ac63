/** What a look at an object says about its readiness. */
export type Verdict =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly reason: string }
  /** It will not become ready without a change. */
  | { readonly state: "failed"; readonly reason: string };

/** The object is ready. */
export const READY: Verdict = { state: "ready" };

/** Not ready yet, and what is missing. */
export function waiting(reason: string): Verdict {
  return { state: "waiting", reason };
}

/** Never going to be ready, and why. */
export function failed(reason: string): Verdict {
  return { state: "failed", reason };
}
