/**
 * Runs Pulumi programs without an engine and records everything that they register: inputs as they would reach
 * state (secrets in their envelopes), parents, options and dependencies. Whatever has no stand-in here throws.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import type { MockCallArgs, MockResourceArgs, MockResourceResult } from "@pulumi/pulumi/runtime/index.js";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..", "..");
const PROJECT = "sessiondb";

/** Key of the envelope around a secret value on its way to the engine. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Plain data with envelopes around secrets. */
export type Plain = string | number | boolean | null | undefined | Plain[] | { [key: string]: Plain };
/** An object of plain data. */
export type PlainObject = Record<string, Plain>;

/** One registered or read resource. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN of the parent; empty for the stack itself. */
  readonly parent: string;
  /** Inputs as they would reach state: secrets are envelopes, unwrapped by `reveal`. */
  readonly inputs: PlainObject;
  /** False for components. */
  readonly custom: boolean;
  /** True for an object that the program looks up instead of making. */
  readonly isRead: boolean;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** URNs of everything that has to exist first. */
  readonly dependencies: readonly string[];
  /** URN and id of the provider; empty for the default one. */
  readonly provider: string;
  /** What a component handed to `registerOutputs`; undefined when it never called it. */
  outputs: PlainObject | undefined;
}

/** What a program did. */
export interface Deployment<T> {
  readonly result: T;
  readonly resources: readonly Recorded[];
  /** All resources whose type ends in the given text, in order of name. */
  readonly ofType: (type: string) => Recorded[];
  /** The resource with this type and Kubernetes name, or logical name; an error when there is none or several. */
  readonly find: (type: string, name: string) => Recorded;
  /** The same, or nothing. */
  readonly tryFind: (type: string, name: string) => Recorded | undefined;
}

/** The outputs of another stack. */
export interface OtherStack {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Names of those that are secret. */
  readonly secretOutputs: readonly string[];
}

/** Settings of `deploy`. */
export interface DeployOptions {
  /** @default "test" */
  readonly stack?: string;
  /** Configuration as `Pulumi.<stack>.yaml` holds it. */
  readonly config?: PlainObject;
  /** Keys of it that are encrypted. */
  readonly secretKeys?: readonly string[];
  /** Objects that the cluster holds already, by `namespace/name`; reading another one throws. */
  readonly existing?: Readonly<Record<string, PlainObject>>;
  /** Outputs of other stacks, by the name that a StackReference has for them. */
  readonly stacks?: Readonly<Record<string, OtherStack>>;
}

/** Whether a value is a secret's envelope. */
export function isSecretEnvelope(value: Plain): value is { value: Plain } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && SIGNATURE in value;
}

/** The value without any envelopes. */
export function reveal(value: Plain): Plain {
  return replaceSecrets(value, (hidden) => reveal(hidden));
}

/** The value with a fixed text in place of each secret. */
export function redact(value: Plain): Plain {
  return replaceSecrets(value, () => "[secret]");
}

function replaceSecrets(value: Plain, replace: (hidden: Plain) => Plain): Plain {
  if (isSecretEnvelope(value)) return replace(value.value);
  if (Array.isArray(value)) return value.map((item) => replaceSecrets(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceSecrets(item, replace)]));
}

/** The value at a path of plain data, without envelopes; undefined where the path ends early. */
export function at(value: Plain, ...path: readonly (string | number)[]): Plain {
  return path.reduce<Plain>((current, step) => {
    const open = reveal(current);
    return typeof open === "object" && open !== null ? (Reflect.get(open, step) as Plain) : undefined;
  }, value);
}

/** A value as text for messages and comparisons: texts as they are, everything else as JSON. */
export function textOf(value: Plain): string {
  return typeof value === "string" ? value : value === undefined ? "undefined" : JSON.stringify(value);
}

/** Waits for an output; rejects when it failed, unlike `apply`, which never calls back then. */
export async function resolve<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  // The method is missing from the SDK's typings.
  const promise: unknown = Reflect.get(output, "promise");
  if (typeof promise !== "function") throw new TypeError("not an output");
  return (await Reflect.apply(promise, output, [])) as pulumi.Unwrap<T>;
}

/** Whether an output is marked as secret. */
export async function isSecretOutput(output: pulumi.Output<unknown>): Promise<boolean> {
  return pulumi.isSecret(output);
}

/** The `config:` block of a committed stack file. */
export async function stackFile(stack: string): Promise<PlainObject> {
  const text = await readFile(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
  return (parse(text) as { config: PlainObject }).config;
}

/** Makes Pulumi's configuration exactly the given one, in the form in which the engine hands it to programs. */
export function setConfig(config: PlainObject, secretKeys: readonly string[] = []): void {
  const texts = Object.entries(config).map(([key, value]): [string, string] => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts), [...secretKeys]);
}

/** Runs a program against stand-ins and returns once every registration has settled. */
export async function deploy<T>(
  program: () => T | Promise<T>,
  options: DeployOptions = {},
): Promise<Deployment<T>> {
  const monitor = new RecordingMonitor({ objects: options.existing ?? {}, stacks: options.stacks ?? {} });
  pulumi.runtime.setMockOptions(monitor, PROJECT, options.stack ?? "test");
  setConfig(options.config ?? {}, options.secretKeys);
  let outcome: { readonly result: T } | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    outcome = { result: await program() };
    return {};
  });
  // Waits until nothing is under way any more, also what registrations set off in turn.
  await pulumi.runtime.disconnect();
  if (outcome === undefined) throw new Error("the program did not end");
  return deployment(outcome.result, monitor.recorded);
}

function deployment<T>(result: T, recorded: readonly Recorded[]): Deployment<T> {
  const resources = recorded.filter(({ type }) => type !== "pulumi:pulumi:Stack");
  const ofType = (type: string): Recorded[] =>
    resources.filter((one) => one.type === type || one.type.endsWith(`:${type}`)).sort(byName);
  const matching = (type: string, name: string): Recorded[] =>
    ofType(type).filter((one) => one.name === name || at(one.inputs, "metadata", "name") === name);
  return {
    result,
    resources,
    ofType,
    tryFind: (type, name) => matching(type, name)[0],
    find(type, name) {
      const [found, ...others] = matching(type, name);
      if (found !== undefined && others.length === 0) return found;
      const known = ofType(type).map((one) => one.name);
      throw new Error(
        `${others.length + (found ? 1 : 0)} resources ${type} ${name}; recorded: ${known.join(", ")}`,
      );
    },
  };
}

function byName(left: Recorded, right: Recorded): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

type Callback = (error: unknown, response: unknown) => void;

/** What is there before a program runs. */
interface Existing {
  readonly objects: Readonly<Record<string, PlainObject>>;
  readonly stacks: Readonly<Record<string, OtherStack>>;
}

/** The SDK's own stand-in of the engine, recording what its mocks do not get to see. */
class RecordingMonitor extends MockMonitor {
  readonly recorded: Recorded[] = [];

  constructor(existing: Existing) {
    super({
      newResource: (args) => answer(args, existing),
      call(args: MockCallArgs): never {
        throw new Error(`no stand-in for the call ${args.token}`);
      },
    });
  }

  override async registerResource(request: RegisterResourceRequest, callback: Callback): Promise<void> {
    const recorded: Recorded = {
      ...identity(request),
      inputs: request.getObject()?.toJavaScript() ?? {},
      custom: request.getCustom(),
      isRead: false,
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
    };
    this.recorded.push(recorded);
    await super.registerResource(request, callback);
  }

  override async readResource(request: ReadResourceRequest, callback: Callback): Promise<void> {
    const inputs = (request.getProperties()?.toJavaScript() ?? {}) as PlainObject;
    this.recorded.push({
      ...identity(request),
      inputs: { ...inputs, id: request.getId() },
      custom: true,
      isRead: true,
      protect: false,
      retainOnDelete: false,
      ignoreChanges: [],
    });
    await super.readResource(request, callback);
  }

  override registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): { toJavaScript(): unknown } | undefined },
    callback: Callback,
  ): void {
    const component = this.recorded.find(({ urn }) => urn === request.getUrn());
    if (component !== undefined)
      component.outputs = (request.getOutputs()?.toJavaScript() ?? {}) as PlainObject;
    super.registerResourceOutputs(request, callback);
  }
}

function identity(
  request: RegisterResourceRequest | ReadResourceRequest,
): Pick<Recorded, "type" | "name" | "urn" | "parent" | "dependencies" | "provider" | "outputs"> {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  // As the SDK's monitor makes it: qualified by the parent's type only.
  const parentType = parent.split("::")[2]?.split("$").at(-1);
  const qualified = parentType === undefined ? type : `${parentType}$${type}`;
  return {
    type,
    name,
    urn: `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${qualified}::${name}`,
    parent,
    dependencies: request.getDependenciesList(),
    provider: request.getProvider(),
    outputs: undefined,
  };
}

/** A number that depends on the text alone, so that repeated runs give equal dumps. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a fresh resource of a kind would answer, deterministically. */
function answer(args: MockResourceArgs, existing: Existing): MockResourceResult {
  const inputs = args.inputs as PlainObject;
  if (args.custom === false || args.type === "pulumi:pulumi:Stack") return { id: "", state: inputs };
  if (args.type === "pulumi:pulumi:StackReference") return otherStack(args, existing.stacks);
  if (args.type.startsWith("pulumi:providers:")) return { id: `${args.name}-id`, state: inputs };
  if (args.type === "random:index/randomPassword:RandomPassword") return password(args.name, inputs);
  if (args.type === "docker-build:index:Image") return image(inputs);
  if (args.type.startsWith("kubernetes:")) {
    const isRead = args.id !== undefined && args.id !== "";
    return isRead ? readObject(args, existing.objects) : kubernetesObject(args.type, args.name, inputs);
  }
  throw new Error(`no stand-in for resources of type ${args.type}`);
}

function password(name: string, inputs: PlainObject): MockResourceResult {
  const length = typeof inputs.length === "number" ? inputs.length : 16;
  const result = digestOf(name)
    .repeat(Math.ceil(length / 64))
    .slice(0, length);
  return {
    id: "none",
    state: { ...inputs, result: pulumi.secret(result), bcryptHash: pulumi.secret("bcrypt") },
  };
}

function image(inputs: PlainObject): MockResourceResult {
  const tag = textOf(at(inputs, "tags", 0));
  const digest = `sha256:${digestOf(tag)}`;
  return { id: digest, state: { ...inputs, contextHash: digestOf(tag), digest, ref: `${tag}@${digest}` } };
}

function kubernetesObject(type: string, name: string, inputs: PlainObject): MockResourceResult {
  const given = at(inputs, "metadata") as PlainObject | undefined;
  const objectName = typeof given?.name === "string" ? given.name : `${name}-${digestOf(name).slice(0, 8)}`;
  const namespace = typeof given?.namespace === "string" ? given.namespace : "";
  const state: PlainObject = { ...inputs, metadata: { ...given, name: objectName } };
  if (type === "kubernetes:core/v1:Service" && at(inputs, "spec", "clusterIP") === undefined) {
    state.spec = { ...(inputs.spec as PlainObject), clusterIP: clusterIp(objectName) };
  }
  return { id: namespace === "" ? objectName : `${namespace}/${objectName}`, state };
}

function clusterIp(name: string): string {
  const bytes = Buffer.from(digestOf(name), "hex");
  return `10.96.${bytes[0] ?? 0}.${bytes[1] ?? 0}`;
}

function readObject(
  args: MockResourceArgs,
  existing: Readonly<Record<string, PlainObject>>,
): MockResourceResult {
  const id = args.id ?? "";
  const found = existing[id];
  if (found === undefined) throw new Error(`the cluster has no ${args.type} ${id}`);
  return { id, state: found };
}

function otherStack(
  args: MockResourceArgs,
  stacks: Readonly<Record<string, OtherStack>>,
): MockResourceResult {
  const name = textOf((args.inputs as PlainObject).name);
  const stack = stacks[name];
  if (stack === undefined) throw new Error(`there is no stack ${name}`);
  const outputs = Object.entries(stack.outputs).map(([key, value]): [string, unknown] => [
    key,
    stack.secretOutputs.includes(key) ? pulumi.secret(value) : value,
  ]);
  const state = { name, outputs: Object.fromEntries(outputs), secretOutputNames: [...stack.secretOutputs] };
  return { id: name, state };
}
