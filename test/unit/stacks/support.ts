import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ConfigError, loadConfig, type AppConfig } from "../../../stacks/config.ts";

/** Root of the checkout. */
export const ROOT = join(import.meta.dirname, "../../..");

/** The stack files that are committed. */
export const STACKS = ["dev", "staging", "prod"] as const;

const NAMESPACE = "sessiondb:";

/** Sets Pulumi's configuration as the engine does: objects as JSON, everything else as text. */
export function setConfig(
  values: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[] = [],
): void {
  const entries = Object.entries(values).map(([key, value]) => [
    `${NAMESPACE}${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const all = Object.fromEntries(entries) as Record<string, string>;
  pulumi.runtime.setAllConfig(
    all,
    secretKeys.map((key) => `${NAMESPACE}${key}`),
  );
}

/** Loads a configuration of these values. */
export function load(values: Readonly<Record<string, unknown>>, stack = "test"): AppConfig {
  setConfig(values);
  return loadConfig(new pulumi.Config("sessiondb"), stack);
}

/** Loads a configuration that has to be refused, and returns the refusal. */
export function refusal(
  values: Readonly<Record<string, unknown>>,
  secretKeys: readonly string[] = [],
): ConfigError {
  setConfig(values, secretKeys);
  try {
    loadConfig(new pulumi.Config("sessiondb"), "test");
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`the configuration was accepted: ${JSON.stringify(values)}`);
}

/** Values of a committed stack file, without the namespace in their keys. */
export function stackValues(stack: (typeof STACKS)[number]): Record<string, unknown> {
  const file = parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [key.replace(NAMESPACE, ""), value] as const),
  );
}

/** The configuration of a committed stack file. */
export function stackConfig(stack: (typeof STACKS)[number]): AppConfig {
  return load(stackValues(stack), stack);
}
