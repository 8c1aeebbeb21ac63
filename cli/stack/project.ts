import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { UsageError } from "../support/errors.ts";
import { isRecord, type StackConfig } from "./overlay.ts";

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

/** A stack file as far as the command line uses it. */
export interface StackFile {
  readonly config: StackConfig;
  /** How its encrypted values are decrypted: `secretsprovider`, `encryptionsalt`, `encryptedkey`, where present. */
  readonly encryption: Readonly<Record<string, string>>;
}

const ENCRYPTION_KEYS = ["secretsprovider", "encryptionsalt", "encryptedkey"] as const;

/**
 * Reads a stack file.
 *
 * @param file the file to read; by default the committed `Pulumi.<stack>.yaml`.
 * @throws UsageError when the name is not a stack name, or there is no such file, or it is not YAML.
 */
export async function readStackFile(stack: string, file?: string): Promise<StackFile> {
  requireStackName(stack);
  const path = file === undefined ? join(PROJECT_ROOT, `Pulumi.${stack}.yaml`) : resolve(file);
  const text = await readFile(path, "utf8").catch(() => {
    throw new UsageError(
      `there is no ${path}; expected a stack file for "${stack}". The ones given are dev, staging and prod; ` +
        "name a file of your own with --config-file.",
    );
  });
  return parseStackFile(path, text);
}

function parseStackFile(path: string, text: string): StackFile {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { config, ...rest } = isRecord(document) ? document : {};
  const encryption = ENCRYPTION_KEYS.flatMap((key) => {
    const value = rest[key];
    return typeof value === "string" ? [[key, value] as const] : [];
  });
  return { config: isRecord(config) ? config : {}, encryption: Object.fromEntries(encryption) };
}

/** Keys of a configuration whose values are encrypted. */
export function encryptedKeys(config: StackConfig): string[] {
  return Object.entries(config)
    .filter(([, value]) => isRecord(value) && "secure" in value)
    .map(([key]) => key);
}
