import type { Change } from "./detailedDiff.ts";
import type { JsonObject } from "./json.ts";

/** Severity of a message shown by the engine. */
export type Severity = "info" | "warning";

/** What a call knows about the resource it concerns. */
export interface ResourceRequest {
  readonly urn: string;
  /** Last part of the URN: the name the program gave. */
  readonly name: string;
  /** Type token, for example `kubernetes:core/v1:Secret`. */
  readonly type: string;
  /** Provider's id; empty before creation. */
  readonly id: string;
  /** `customTimeouts` of the resource in seconds, 0 where the program set none. */
  readonly timeoutSeconds: number;
  /** Nothing may be changed; unknown outputs are allowed. */
  readonly preview: boolean;
  /** Aborted when the operator cancels the update. */
  readonly signal: AbortSignal;
  /** Shows a message at the resource; `info` is transient, `warning` stays. */
  say(message: string, severity?: Severity): void;
}

/** How the engine was told to name resources that have no explicit name. */
export interface Autonaming {
  readonly mode: "propose" | "enforce" | "disabled";
  readonly proposedName: string;
}

/** Input of {@link Plugin.check}. */
export interface CheckInput {
  readonly olds: JsonObject;
  readonly news: JsonObject;
  /** Bytes that stay the same between the preview and retries of one step; may be empty. */
  readonly randomSeed: Uint8Array;
  readonly autonaming?: Autonaming;
}

/** A property that the program must correct. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** Answer of {@link Plugin.check}. */
export interface CheckResult {
  readonly inputs: JsonObject;
  readonly failures?: readonly CheckFailure[];
}

/** One changed property; `replace` means that it cannot change in place. */
export interface PropertyChange {
  readonly change: Change;
  readonly replace: boolean;
}

/** Answer of {@link Plugin.diff}: no entries mean no change. */
export interface DiffResult {
  readonly changes: ReadonlyMap<string, PropertyChange>;
  readonly deleteBeforeReplace: boolean;
}

/** A resource with its id, as create and read report it. */
export interface ResourceState {
  readonly id: string;
  readonly properties: JsonObject;
}

/** A resource as read finds it, with the inputs that would have led to it. */
export interface ReadState extends ResourceState {
  readonly inputs: JsonObject;
}

/** What a plugin learns before its first resource. */
export interface Configuration {
  /** Provider arguments; everything but text arrives as text. May hold unknown markers. */
  readonly args: JsonObject;
  /** Stack configuration of the package, `kubernetes:config:namespace` style. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * What differs between the plugins. All property bags may hold secret envelopes and unknown markers; output
 * envelopes were resolved before.
 */
export interface Plugin {
  /** Package name, for example `kubernetes`. */
  readonly name: string;
  /** Version reported to the engine: that of the SDK the program uses. */
  readonly version: string;
  configure?(configuration: Configuration): Promise<void> | void;
  /** Provider arguments with secrets marked; the default keeps them as they came. */
  checkConfig?(news: JsonObject): JsonObject;
  check(request: ResourceRequest, input: CheckInput): Promise<CheckResult> | CheckResult;
  diff(
    request: ResourceRequest,
    oldInputs: JsonObject,
    olds: JsonObject,
    news: JsonObject,
  ): Promise<DiffResult> | DiffResult;
  create(request: ResourceRequest, inputs: JsonObject): Promise<ResourceState> | ResourceState;
  update(
    request: ResourceRequest,
    oldInputs: JsonObject,
    olds: JsonObject,
    news: JsonObject,
  ): Promise<JsonObject> | JsonObject;
  /** Undefined when the resource is gone. */
  read(
    request: ResourceRequest,
    inputs: JsonObject,
    properties: JsonObject,
  ): Promise<ReadState | undefined> | ReadState | undefined;
  delete(request: ResourceRequest, properties: JsonObject): Promise<void> | void;
  invoke?(token: string, args: JsonObject): Promise<JsonObject> | JsonObject;
}
