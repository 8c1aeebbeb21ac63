import { RunError } from "@pulumi/pulumi";

/** One thing that is wrong with the configuration, ready to print. */
export interface ConfigProblem {
  /** Full key with path, such as `sessiondb:redis.memoryLimit`. */
  readonly key: string;
  /** The given value as text; left out where showing it could show a secret. */
  readonly given?: string;
  /** What is allowed, or what is wrong with the combination. */
  readonly allowed: string;
  /** How to put it right, usually a command. */
  readonly fix: string;
}

function describe(problem: ConfigProblem, index: number): string {
  return [
    `${index + 1}. ${problem.key}`,
    ...(problem.given === undefined ? [] : [`   given:   ${problem.given}`]),
    `   allowed: ${problem.allowed}`,
    `   fix:     ${problem.fix}`,
  ].join("\n");
}

/**
 * Thrown by `loadConfig` with every problem of a stack's configuration at once. A `RunError`, so that Pulumi prints the
 * message alone: a stack trace would point into this project, while the mistake is in the stack file.
 */
export class ConfigError extends RunError {
  override readonly name = "ConfigError";
  /** Stable code for programs that have to tell errors apart. */
  readonly code = "SESSIONDB_CONFIG";
  /** Every problem, in the order of the message. */
  readonly problems: readonly ConfigProblem[];

  constructor(stack: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const body = problems.map(describe).join("\n\n");
    super(`The configuration of stack "${stack}" has ${count}; nothing was changed.\n\n${body}\n`);
    this.problems = problems;
  }
}
