import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureLocalImages, type LocalImages } from "../../local/images/localImages.ts";
import { startNode, stopNode } from "../../local/node/node.ts";
import { sandboxPid } from "../../local/node/sandbox.ts";
import { nodeSettings, type NodeSettings } from "../../local/node/settings.ts";
import { allocateSlot } from "../../local/node/slot.ts";
import { isErrno } from "../../local/support/errno.ts";
import { withLock } from "../../local/support/lock.ts";
import type { LocalPaths } from "../../local/support/paths.ts";
import type { Reporter } from "../../local/support/report.ts";
import { ensureTools } from "../../local/toolchain/build.ts";
import { ensureDebianPackages } from "../../local/toolchain/debian.ts";

/** A running embedded cluster: what the rest of the command line needs to know of it. */
export interface EmbeddedCluster {
  readonly settings: NodeSettings;
  /** Folder of the built tools (kubectl, pulumi, buildctl, …). */
  readonly tools: string;
  readonly images: LocalImages;
  /** True when this call started it, false when it was running already. */
  readonly started: boolean;
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new Error(
      "the embedded cluster needs root (it makes namespaces and runs containers), and this is another user. " +
        "Run the command as root, or use a cluster of your own with --context NAME.",
    );
  }
}

/** Brings up the embedded cluster, building whatever it lacks. Two concurrent calls wait for each other. */
export async function startEmbedded(paths: LocalPaths, reporter: Reporter): Promise<EmbeddedCluster> {
  requireRoot();
  await ensureDebianPackages(reporter);
  const tools = await ensureTools(paths.cache, reporter);
  return withLock(
    join(`${paths.state}.lock`),
    async () => {
      const settings = nodeSettings(paths, await allocateSlot(paths));
      const started = (await sandboxPid(settings)) === undefined;
      await startNode(settings, tools, reporter);
      const store = {
        buildctl: join(tools, "buildctl"),
        buildkitSocket: settings.buildkitSocket,
        containerdSocket: settings.containerdSocket,
      };
      return { settings, tools, images: await ensureLocalImages(store, paths.cache, reporter), started };
    },
    () => reporter.detail("another run is starting or stopping this cluster; waiting for it"),
  );
}

/** Settings of this instance's cluster, or undefined when it never was started here. */
export async function embeddedSettings(paths: LocalPaths): Promise<NodeSettings | undefined> {
  const slot = await readFile(join(paths.state, "slot"), "utf8").catch(() => undefined);
  return slot === undefined ? undefined : nodeSettings(paths, Number(slot));
}

/**
 * Stops the embedded cluster, gracefully, and with `purge` removes its state, volumes and Pulumi state too.
 *
 * @returns whether it was running.
 */
export async function stopEmbedded(
  paths: LocalPaths,
  reporter: Reporter,
  options: { purge: boolean },
): Promise<boolean> {
  requireRoot();
  return withLock(join(`${paths.state}.lock`), async () => {
    const settings = await embeddedSettings(paths);
    const stopped = settings === undefined ? false : await stopNode(settings, reporter);
    if (options.purge) {
      await reporter.phase("remove state", () => rm(paths.state, { recursive: true, force: true }));
    }
    return stopped;
  });
}

/** The file that holds the passphrase of the local Pulumi state; made once, readable by its owner only. */
export async function ensurePassphraseFile(paths: LocalPaths): Promise<string> {
  const file = join(paths.state, "passphrase");
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  return file;
}
