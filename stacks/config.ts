/** Reads a stack's configuration, judges all of it at once, and hands out one frozen object. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "./configError.ts";
import type { ConfigPath } from "./configPaths.ts";
import { CONFIG_NAMESPACE, fromIssues, fromViolation, pathsOf } from "./configProblems.ts";
import { resolveConfig } from "./configResolve.ts";
import { checkRules } from "./configRules.ts";
import type { AppConfig, ParsedConfig } from "./configSchema.ts";
import { configSchema } from "./configSchema.ts";

export type { AppConfig } from "./configSchema.ts";
export { ConfigError } from "./configError.ts";

/** Encrypted keys. They never enter the schema's object, so that no report and no dump can hold them. */
const SECRET_KEYS = ["registryPassword"] as const;

/** Objects and lists are nested no deeper than this. */
const MAX_DEPTH = 8;

/** Secret values of a stack. */
export interface AppSecrets {
  /** Password for pushing the worker image; set with `pulumi config set --secret sessiondb:registryPassword`. */
  readonly registryPassword: pulumi.Output<string> | undefined;
}

/**
 * Reads the secret values of a stack. An empty one, as Pulumi.yaml declares it, counts as not set.
 */
export function loadSecrets(config = new pulumi.Config(CONFIG_NAMESPACE)): AppSecrets {
  const given = config.get("registryPassword") ?? "";
  return { registryPassword: given === "" ? undefined : config.getSecret("registryPassword") };
}

/** Whether Pulumi decrypted a key. The SDK knows, but leaves the question out of its typings. */
function isEncrypted(fullKey: string): boolean {
  const question: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  // Without an answer, hiding too much is the safe side.
  return typeof question !== "function" || Reflect.apply(question, undefined, [fullKey]) === true;
}

/** Objects and lists arrive as JSON, everything else as text. A text that only looks like JSON stays what it is. */
function decode(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function readAll(config: pulumi.Config): Record<string, unknown> {
  const prefix = `${config.name}:`;
  const given = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .filter((key) => !SECRET_KEYS.some((secret) => secret === key));
  return Object.fromEntries(given.map((key) => [key, decode(config.get(key) ?? "")]));
}

const startsWith = (path: ConfigPath, start: ConfigPath): boolean =>
  start.every((step, index) => path[index] === step);

/** A copy of the data without the values at these paths; a list loses the whole item, later ones keep their place. */
function without(data: unknown, paths: readonly ConfigPath[], at: ConfigPath = []): unknown {
  if (paths.some((path) => path.length === at.length && startsWith(at, path))) return undefined;
  if (Array.isArray(data)) {
    return data
      .map((item, index) => without(item, paths, [...at, index]))
      .filter((item) => item !== undefined);
  }
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data).map(
    ([key, value]) => [key, without(value, paths, [...at, key])] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * What is left of the data without its bad values, so that rules between the others can still be judged: bad ones
 * give way to their defaults, and where there is none, the object or list item around them goes too.
 */
function soundPart(data: unknown, bad: readonly ConfigPath[]): ParsedConfig | undefined {
  let rest = without(data, bad);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const parsed = configSchema.safeParse(rest);
    if (parsed.success) return parsed.data;
    rest = without(
      rest,
      parsed.error.issues.flatMap(pathsOf).map((path) => path.slice(0, -1)),
    );
  }
  return undefined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/**
 * Reads and judges the whole configuration of a stack. Nothing is logged and nothing else happens.
 * @param config the stack's configuration values
 * @param stackName name of the stack
 * @returns the configuration, complete and deeply frozen
 * @throws ConfigError with every problem: key, value unless encrypted, allowed range, and the command that helps
 * @example const config = loadConfig();
 */
export function loadConfig(
  config = new pulumi.Config(CONFIG_NAMESPACE),
  stackName = pulumi.getStack(),
): AppConfig {
  const data = readAll(config);
  const isSecret = ([key]: ConfigPath): boolean => isEncrypted(`${config.name}:${String(key)}`);
  const parsed = configSchema.safeParse(data);
  if (parsed.success) {
    const resolved = resolveConfig(parsed.data, stackName);
    const violations = checkRules(resolved);
    if (violations.length === 0) return deepFreeze(resolved);
    throw new ConfigError(
      stackName,
      violations.map((violation) => fromViolation(violation, isSecret)),
    );
  }
  const bad = parsed.error.issues.flatMap(pathsOf);
  const rest = soundPart(data, bad);
  const violations = rest === undefined ? [] : checkRules(resolveConfig(rest, stackName));
  const sound = violations.filter(({ path, involves = [] }) =>
    [path, ...involves].every(
      (used) => !bad.some((spoilt) => startsWith(used, spoilt) || startsWith(spoilt, used)),
    ),
  );
  throw new ConfigError(stackName, [
    ...fromIssues(parsed.error.issues, data, isSecret),
    ...sound.map((violation) => fromViolation(violation, isSecret)),
  ]);
}
