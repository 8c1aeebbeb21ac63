import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** A build context for the worker image. */
export interface WorkerBundle {
  /** Directory with the Dockerfile and one file per worker. */
  readonly directory: string;
  /** First 16 hex digits of a SHA-256 over the names and contents of all files: the same sources, the same value. */
  readonly contentHash: string;
}

/** Workers of the image; each folder's main.ts becomes one file. */
export const WORKERS = ["agent", "backup", "cleanup"] as const;

const HERE = dirname(fileURLToPath(import.meta.url));
const HASH_DIGITS = 16;
/** CommonJS dependencies inside an ES module look for `require` when they load Node's own modules. */
const REQUIRE_BANNER =
  'import { createRequire as bundledCreateRequire } from "node:module"; const require = bundledCreateRequire(import.meta.url);';

/**
 * Bundles every worker with its dependencies into a directory that is a complete build context. Synchronous,
 * so that a program can name the image by its content before it declares any resource.
 *
 * @param outDir is emptied first
 * @throws Error when a worker's entry is missing or does not compile
 */
export function bundleWorkers(outDir: string): WorkerBundle {
  const entries = WORKERS.map((worker) => ({ worker, path: join(HERE, worker, "main.ts") }));
  const missing = entries.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(`cannot bundle the workers: ${missing.map(({ path }) => path).join(", ")} not found`);
  }
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  buildSync({
    entryPoints: entries.map(({ worker, path }) => ({ in: path, out: worker })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minify: false,
    sourcemap: false,
    legalComments: "eof",
    // Paths in comments are relative to it: without it they would tell, and depend on, the caller's folder.
    absWorkingDir: dirname(HERE),
    banner: { js: REQUIRE_BANNER },
    logLevel: "silent",
  });
  copyFileSync(join(HERE, "Dockerfile"), join(outDir, "Dockerfile"));
  return { directory: outDir, contentHash: hashDirectory(outDir) };
}

function hashDirectory(directory: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(directory).sort()) {
    const content = readFileSync(join(directory, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, HASH_DIGITS);
}
