import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { bundleWorkers } from "../workers/bundle.ts";

/** What the worker image is built from: a folder with the bundled workers and the Dockerfile. */
export interface WorkerContext {
  /** Absolute path of the folder. */
  readonly directory: string;
  /** Digest of its content; two checkouts with the same workers have the same one. */
  readonly contentHash: string;
}

/**
 * Bundles the workers into a folder named after its content. The path is the same from every checkout of the same code,
 * so that deploying from another checkout is no change.
 */
export function workerContext(): WorkerContext {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "sessiondb", "worker-context");
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, ".bundling-"));
  try {
    const { directory: built, contentHash } = bundleWorkers(scratch);
    const directory = join(cache, contentHash);
    if (!existsSync(directory)) moveUnlessThere(built, directory);
    return { directory, contentHash };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Another deployment of the same code may have been faster; its folder is as good as ours. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
