import { resolveConfig } from "../../stacks/configResolve.ts";
import { configSchema, type AppConfig } from "../../stacks/configSchema.ts";

/**
 * A complete configuration from the few values that a test cares about. Rules between values are not checked: some
 * tests look at what components do with combinations that no stack may have.
 */
export function testConfig(values: Record<string, unknown> = {}, stack = "test"): AppConfig {
  return resolveConfig(configSchema.parse(values), stack);
}

/** The smallest Sentinel stack. */
export function sentinelConfig(values: Record<string, unknown> = {}): AppConfig {
  return testConfig({ mode: "sentinel", ...values });
}
