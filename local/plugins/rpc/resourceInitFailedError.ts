import type { JsonObject } from "./json.ts";

/** What exists of a resource that was made but did not become ready. */
export interface PartialState {
  readonly id: string;
  readonly properties: JsonObject;
  readonly inputs: JsonObject;
  /** One sentence per thing that is missing or wrong. */
  readonly reasons: readonly string[];
}

/**
 * The resource exists but did not become ready. The engine records the partial state, fails the step, and
 * comes back with an update next time.
 */
export class ResourceInitFailedError extends Error {
  override readonly name = "ResourceInitFailedError";
  readonly code = "RESOURCE_INIT_FAILED";
  readonly state: PartialState;

  constructor(state: PartialState, options?: ErrorOptions) {
    super(`${state.id} was made but is not ready: ${state.reasons.join("; ")}`, options);
    this.state = state;
  }
}
