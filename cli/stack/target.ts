import { constants } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { bundlePlugins, findRealPlugins, PLUGIN_NAMES } from "../../local/plugins/bundle.ts";
import { isAccessible } from "../../local/support/accessible.ts";
import type { LocalPaths } from "../../local/support/paths.ts";
import type { Reporter } from "../../local/support/report.ts";
import { ensureTools } from "../../local/toolchain/build.ts";
import { ensurePassphraseFile, startEmbedded, type EmbeddedCluster } from "./embedded.ts";
import { embeddedOverlay, type StackConfig } from "./overlay.ts";

/** What the operator asked for on the command line. */
export interface TargetOptions {
  /** Kube context to use; given, or with KUBECONFIG set, no cluster is started. */
  readonly context?: string | undefined;
}

/** Options that every command on a stack has. */
export interface StackOptions extends TargetOptions {
  /** Stack file instead of the project's `Pulumi.<stack>.yaml`. */
  readonly configFile?: string | undefined;
}

/** Where a stack is deployed and with what. */
export interface Target {
  /** Environment of the Pulumi engine and its plugins. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder whose `bin/pulumi` is the engine; undefined for the one on PATH. */
  readonly pulumiRoot?: string | undefined;
  /** Configuration laid over the committed stack file. */
  readonly overlay: StackConfig;
  /** The embedded cluster, when it is the target. */
  readonly embedded?: EmbeddedCluster | undefined;
  /** Whether the Pulumi state lies in this machine's own folder. */
  readonly localBackend: boolean;
  /** Kubeconfig of the target, undefined for the ambient one. */
  readonly kubeconfig?: string | undefined;
}

async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(directory, name);
    if (await isAccessible(path, constants.X_OK)) return path;
  }
  return undefined;
}

/** Whether the operator pointed at a cluster of their own. */
export function ownCluster(options: TargetOptions, env: NodeJS.ProcessEnv): boolean {
  return options.context !== undefined || (env.KUBECONFIG ?? "") !== "";
}

/** State goes where the operator's Pulumi is set up to keep it; without any such setting, into this machine's folder. */
async function usesOwnBackend(env: NodeJS.ProcessEnv): Promise<boolean> {
  if ((env.PULUMI_BACKEND_URL ?? "") !== "" || (env.PULUMI_ACCESS_TOKEN ?? "") !== "") return true;
  const home = env.PULUMI_HOME ?? join(env.HOME ?? "/", ".pulumi");
  return isAccessible(join(home, "credentials.json"));
}

async function backendEnvironment(paths: LocalPaths): Promise<Record<string, string>> {
  return {
    PULUMI_BACKEND_URL: `file://${join(paths.state, "pulumi")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: await ensurePassphraseFile(paths),
  };
}

/** Environment that lets the engine find stand-ins for the plugins that this machine does not have. */
async function pluginEnvironment(paths: LocalPaths, reporter: Reporter): Promise<Record<string, string>> {
  const real = await findRealPlugins(process.env);
  const missing = PLUGIN_NAMES.filter((name) => !real.has(name));
  if (missing.length === 0) return {};
  const { dir } = await bundlePlugins(join(paths.cache, "plugins"), missing);
  reporter.notice(`STAND-IN PLUGINS for ${missing.join(", ")}: this machine has no real ones.`);
  reporter.notice(
    "They make real objects, and are meant for machines without access to Pulumi's plugins only.",
  );
  // Real plugins win: the stand-ins come last on PATH.
  return {
    PATH: `${process.env.PATH ?? ""}${delimiter}${dir}`,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "false",
  };
}

/** Decides where a stack goes, and brings up whatever of that is missing. */
export async function resolveTarget(
  paths: LocalPaths,
  options: TargetOptions,
  reporter: Reporter,
): Promise<Target> {
  const env = process.env;
  const own = ownCluster(options, env);
  const pulumi = await findOnPath("pulumi", env);
  const embedded = own ? undefined : await startEmbedded(paths, reporter);
  const tools =
    embedded?.tools ?? (pulumi === undefined ? await ensureTools(paths.cache, reporter) : undefined);
  const localBackend = !(own && (await usesOwnBackend(env)));
  const built = pulumi === undefined && tools !== undefined ? dirname(tools) : undefined;
  reporter.detail(
    `cluster: ${own ? (options.context ?? "current context of KUBECONFIG") : `embedded (${paths.instance})`}`,
  );
  reporter.detail(`engine:  ${pulumi ?? join(built ?? "", "bin", "pulumi")}`);
  const context: StackConfig =
    options.context === undefined ? {} : { "sessiondb:kubeContext": options.context };
  return {
    env: {
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(localBackend ? await backendEnvironment(paths) : {}),
      ...(await pluginEnvironment(paths, reporter)),
      ...(embedded === undefined
        ? {}
        : {
            KUBECONFIG: embedded.settings.kubeconfig,
            SESSIONDB_BUILDCTL: join(embedded.tools, "buildctl"),
            SESSIONDB_BUILDKIT_ADDR: `unix://${embedded.settings.buildkitSocket}`,
          }),
    },
    pulumiRoot: built,
    overlay:
      embedded === undefined ? context : embeddedOverlay(embedded.images, embedded.settings.nodeAddress),
    embedded,
    localBackend,
    kubeconfig: embedded?.settings.kubeconfig,
  };
}
