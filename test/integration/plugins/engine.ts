import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { bundlePlugins } from "../../../local/plugins/bundle.ts";
import type { JsonObject } from "../../../local/plugins/rpc/json.ts";
import { findPulumi } from "./tools.ts";

/** Name of the project and of the stack that the tests deploy. */
export const PROJECT = "plugintest";
export const STACK = "test";

/** The real engine with a state of its own and the stand-ins as its only plugins. */
export interface Engine {
  /** A directory for files of the test. */
  readonly directory: string;
  /** Directory of the bundled stand-ins. */
  readonly pluginDir: string;
  /** Environment of the engine and its plugins. */
  readonly env: Readonly<Record<string, string>>;
  /** The stack with this program; all programs of one engine share its state. */
  withProgram(program: PulumiFn): Promise<Stack>;
  /** The state file as it lies on disk. */
  stateText(): Promise<string>;
  /** Removes the state and every file. */
  dispose(): Promise<void>;
}

/** Sets up an engine in a temporary directory. */
export async function makeEngine(extraEnv: Record<string, string> = {}): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), "sessiondb-engine-"));
  const state = join(directory, "state");
  const workDir = join(directory, "work");
  await Promise.all([mkdir(state), mkdir(workDir)]);
  const pulumi = findPulumi();
  const { dir } = await bundlePlugins(join(directory, "plugins"));
  const env = {
    PATH: [dir, dirname(pulumi), process.env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: join(directory, "home"),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "tests",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...extraEnv,
  };
  const pulumiCommand = await PulumiCommand.get({ root: join(dirname(pulumi), "..") });
  return {
    directory,
    pluginDir: dir,
    env,
    withProgram: async (program) =>
      LocalWorkspace.createOrSelectStack(
        { stackName: STACK, projectName: PROJECT, program },
        { workDir, envVars: env, pulumiCommand },
      ),
    stateText: async () => {
      const stacks = join(state, ".pulumi", "stacks", PROJECT);
      const files = (await readdir(stacks)).filter((name) => name === `${STACK}.json`);
      const texts = await Promise.all(files.map((name) => readFile(join(stacks, name), "utf8")));
      return texts.join("\n");
    },
    dispose: async () => rm(directory, { recursive: true, force: true }),
  };
}

/** The stack's state as the engine exports it, secrets encrypted. */
export async function deploymentOf(stack: Stack): Promise<JsonObject> {
  return (await stack.exportStack()).deployment as JsonObject;
}

/** Steps of an operation by kind, without those that changed nothing. */
export function changes(summary: Partial<Record<string, number>> | undefined): Record<string, number> {
  const entries = Object.entries(summary ?? {}).filter(
    (entry): entry is [string, number] => entry[0] !== "same" && (entry[1] ?? 0) > 0,
  );
  return Object.fromEntries(entries);
}
