import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { withLock } from "../../local/support/lock.ts";
import type { LocalPaths } from "../../local/support/paths.ts";
import { UsageError } from "../support/errors.ts";
import { mergeConfig } from "./overlay.ts";
import { encryptedKeys, PROJECT_NAME, readStackFile } from "./project.ts";
import { recoverInterrupted } from "./recovery.ts";
import type { Target } from "./target.ts";

/** Which stack to open, and from which files. */
export interface OpenOptions {
  /** Name of the stack in Pulumi's state. */
  readonly stack: string;
  /** Stack file to take the configuration from. @default the project's `Pulumi.<stack>.yaml` */
  readonly configFile?: string | undefined;
}

/** The configuration of a run: the stack file, and over it what the target needs. */
export async function runConfig(target: Target, options: OpenOptions): Promise<Record<string, unknown>> {
  const { config } = await readStackFile(options.stack, options.configFile);
  return mergeConfig(config, target.overlay);
}

/** Kubernetes namespace that a configuration leads to. */
export function namespaceOf(stack: string, config: Readonly<Record<string, unknown>>): string {
  const named = config[`${PROJECT_NAME}:namespace`];
  return typeof named === "string" && named !== "" ? named : `${PROJECT_NAME}-${stack}`;
}

/**
 * Opens a stack in a work folder of its own below the instance's state. The engine writes there whatever it
 * writes (the salt of its passphrase, above all), so that the committed stack files stay as they are.
 */
async function openStack(paths: LocalPaths, target: Target, options: OpenOptions): Promise<Stack> {
  const workDir = join(paths.state, "work", options.stack);
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  if (target.localBackend) await mkdir(join(paths.state, "pulumi"), { recursive: true, mode: 0o700 });
  const command = await PulumiCommand.get({
    skipVersionCheck: true,
    ...(target.pulumiRoot === undefined ? {} : { root: target.pulumiRoot }),
  });
  const stack = await LocalWorkspace.createOrSelectStack(
    {
      stackName: options.stack,
      projectName: PROJECT_NAME,
      // Loaded only now: commands that open no stack start without the Kubernetes SDK.
      program: async () => (await import("../../stacks/sessionDatabase.ts")).program(),
    },
    {
      workDir,
      pulumiCommand: command,
      envVars: { ...target.env },
      projectSettings: { name: PROJECT_NAME, runtime: "nodejs" },
    },
  );
  await replaceSettings(stack, target, options);
  return stack;
}

/** Makes the stack's settings exactly those of the run; what an earlier run left is removed. */
async function replaceSettings(stack: Stack, target: Target, options: OpenOptions): Promise<void> {
  const { config, encryption } = await readStackFile(options.stack, options.configFile);
  const encrypted = encryptedKeys(config);
  if (target.localBackend && encrypted.length > 0) {
    throw new UsageError(
      `${encrypted.join(", ")} cannot be decrypted: state and passphrase of this run are this machine's own, and the values were ` +
        "encrypted with another one. Use the Pulumi backend that they belong to (PULUMI_BACKEND_URL, with --context).",
    );
  }
  const settings = await stack.workspace.stackSettings(stack.name).catch(() => ({}));
  await stack.workspace.saveStackSettings(stack.name, {
    ...settings,
    ...encryption,
    config: mergeConfig(config, target.overlay),
  });
}

/**
 * Opens the stack and runs `work` on it while nobody else on this machine does.
 *
 * With state in this machine's folder, a lock of the engine that is still there belongs to a run that was
 * killed: whoever holds our own lock knows that nobody else is at work. It is removed.
 */
export async function withStack<T>(
  paths: LocalPaths,
  target: Target,
  options: OpenOptions,
  work: (stack: Stack) => Promise<T>,
): Promise<T> {
  return withLock(join(paths.state, `stack-${options.stack}.lock`), async () => {
    if (target.localBackend) await removeStaleLocks(paths, options.stack);
    const stack = await openStack(paths, target, options);
    if (target.localBackend) await recoverInterrupted(stack);
    return work(stack);
  });
}

async function removeStaleLocks(paths: LocalPaths, stack: string): Promise<void> {
  const directory = join(paths.state, "pulumi", ".pulumi", "locks", "organization", PROJECT_NAME, stack);
  const files = await readdir(directory).catch(() => []);
  for (const file of files) await rm(join(directory, file), { force: true });
}
