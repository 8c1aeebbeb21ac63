import type { RuleViolation } from "./configProblems.ts";
import type { AppConfig } from "./configSchema.ts";

/** A rule between values of a configuration: what it objects to, or nothing. */
export type ConfigRule = (config: AppConfig) => RuleViolation | undefined;
