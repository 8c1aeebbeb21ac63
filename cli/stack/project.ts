import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { UsageError } from "../support/errors.ts";
import type { StackConfig } from "./overlay.ts";

/** Folder of the project: where Pulumi.yaml and the stack files lie. */
export const PROJECT_ROOT = join(import.meta.dirname, "..", "..");

/** Name of the Pulumi project; the namespace of every configuration key. */
export const PROJECT_NAME = "sessiondb";

const STACK_NAME = /^[a-z0-9][a-z0-9-]{0,40}$/;

/** Refuses what could not be the name of a stack, a folder and a part of a namespace. */
export function requireStackName(stack: string): void {
  if (STACK_NAME.test(stack)) return;
  throw new UsageError(
    `"${stack}" is not a stack name; expected lower-case letters, digits and dashes, for example dev`,
  );
}

/**
 * Reads the `config:` block of a stack file.
 *
 * @param file the file to read; by default the committed `Pulumi.<stack>.yaml`.
 * @throws UsageError when the name is not a stack name, or there is no such file, or it is not YAML.
 */
export async function readStackFile(stack: string, file?: string): Promise<StackConfig> {
  requireStackName(stack);
  const path = file === undefined ? join(PROJECT_ROOT, `Pulumi.${stack}.yaml`) : resolve(file);
  const text = await readFile(path, "utf8").catch(() => {
    throw new UsageError(
      `there is no ${path}; expected a stack file for "${stack}". The ones given are dev, staging and prod; ` +
        "name a file of your own with --config-file.",
    );
  });
  try {
    const document = parse(text) as { config?: StackConfig } | null;
    return document?.config ?? {};
  } catch (error) {
    throw new UsageError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
