import { WorkerError } from "./workerError.ts";

/** Arguments, environment or binding files are unusable; lists every problem found, never a secret's value. */
export class ConfigurationError extends WorkerError {
  readonly code = "BAD_CONFIGURATION";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, options);
    this.problems = problems;
  }
}
