/** From what zod and the rules object to, to problems that name key, value, allowed range and the command that helps. Pure. */
import type { z } from "zod";
import type { ConfigProblem } from "./configError.ts";
import type { ConfigPath, SchemaNode } from "./configPaths.ts";
import { describeSchema, formatPath, nodeAt, suggest, valueAt } from "./configPaths.ts";

/** Config namespace of the project. */
export const CONFIG_NAMESPACE = "sessiondb";

const MAX_SHOWN_CHARACTERS = 120;

/** A value as a report shows it: cut, on one line, without credentials that a URL may carry. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value).replace(/\/\/[^/@\s"]*@/g, "//***@");
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

const fullKey = (path: ConfigPath): string => `${CONFIG_NAMESPACE}:${formatPath(path)}`;

/** An argument of a POSIX shell command. */
function shellWord(text: string): string {
  return /^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that sets one value. A top-level text needs no `--path`, but takes it too. */
function setCommand(path: ConfigPath, value: string): string {
  const argument = value.startsWith("-") ? `-- ${shellWord(value)}` : shellWord(value);
  return `pulumi config set --path '${fullKey(path)}' ${argument}`;
}

function removeCommand(path: ConfigPath): string {
  return `pulumi config rm --path '${fullKey(path)}'`;
}

/** True for a value that is fine by itself but must not stand beside another. */
function isSuperfluous(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" && issue.params?.remove === true;
}

function exampleOf(node: SchemaNode | undefined): string | undefined {
  const example = node?.examples?.[0] ?? node?.default ?? node?.enum?.[0] ?? node?.minimum;
  if (typeof example === "string") return example;
  return typeof example === "number" || typeof example === "boolean" ? String(example) : undefined;
}

function fixFor(root: SchemaNode, path: ConfigPath): string {
  const example = exampleOf(nodeAt(root, path));
  return example === undefined
    ? `edit ${fullKey(path)} in the stack's Pulumi.<stack>.yaml; docs/configuration.md shows its shape`
    : setCommand(path, example);
}

function unknownKey(root: SchemaNode, parent: ConfigPath, key: string): ConfigProblem {
  const path = [...parent, key];
  const meant = suggest(root, parent, key);
  const parentNode = nodeAt(root, parent);
  const known = Object.keys(parentNode?.properties ?? {}).join(", ");
  const allowed = known === "" ? (parentNode?.allowed ?? "nothing") : `known are: ${known}`;
  return {
    key: fullKey(path),
    // No value: what stands under an unknown key may well be a password.
    allowed: `no such key; ${meant === undefined ? allowed : `did you mean ${CONFIG_NAMESPACE}:${meant}?`}`,
    fix: removeCommand(path),
  };
}

/** A problem that a rule between values found. */
export interface RuleViolation {
  /** The value to change. */
  readonly path: ConfigPath;
  readonly given: unknown;
  readonly allowed: string;
  /** A value that would satisfy the rule, as `pulumi config set` takes it. */
  readonly example: string;
  /** Other values that the rule looked at. */
  readonly involves?: readonly ConfigPath[];
}

/** The report on a violated rule. */
export function fromViolation(
  violation: RuleViolation,
  isSecret: (path: ConfigPath) => boolean,
): ConfigProblem {
  return {
    key: fullKey(violation.path),
    ...(isSecret(violation.path) ? {} : { given: show(violation.given) }),
    allowed: violation.allowed,
    fix: setCommand(violation.path, violation.example),
  };
}

/** Where a value stands that an issue of zod's objects to; unknown keys are each a place of their own. */
export function pathsOf(issue: z.core.$ZodIssue): readonly ConfigPath[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

/**
 * The reports on everything that the schema objects to.
 * @param data the configuration as given
 * @param isSecret whether the value at a path comes from an encrypted one, and so must not be shown
 */
export function fromIssues(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
  isSecret: (path: ConfigPath) => boolean,
): ConfigProblem[] {
  const root = describeSchema();
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey(root, issue.path, key));
    }
    return [
      {
        key: fullKey(issue.path),
        ...(isSecret(issue.path) ? {} : { given: show(valueAt(data, issue.path)) }),
        allowed: issue.message,
        fix: isSuperfluous(issue) ? removeCommand(issue.path) : fixFor(root, issue.path),
      },
    ];
  });
}
