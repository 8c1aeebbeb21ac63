import { open, readdir, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "./errors/storageError.ts";
import { DATA_SUFFIX, MANIFEST_SUFFIX, parseFileName, parseManifest, PARTIAL_SUFFIX } from "./manifest.ts";
import type { Manifest } from "./manifest.ts";
import type { BackupFact } from "./retention.ts";

/** What lies in the directory. */
export interface Inventory {
  /** One per manifest. */
  readonly backups: readonly BackupFact[];
  /** Files of backups that never came to be: unfinished, or without manifest. */
  readonly leftovers: readonly string[];
}

/** The volume that backups are kept on. Every failure is a StorageError. */
export class BackupDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Full path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Everything that is a backup or a part of one; other files are none of our business. */
  async inventory(): Promise<Inventory> {
    return this.#guard("list", async () => {
      const files = (await readdir(this.path)).sort();
      const ours = files.map((file) => ({ file, parsed: parseFileName(file) }));
      const backups: BackupFact[] = [];
      const finished = new Set<string>();
      for (const { file, parsed } of ours) {
        if (parsed?.part !== "manifest") continue;
        finished.add(parsed.name);
        backups.push(await this.#fact(file, parsed.name));
      }
      const leftovers = ours
        .filter(
          ({ parsed }) =>
            parsed?.part === "partial" || (parsed?.part === "data" && !finished.has(parsed.name)),
        )
        .map(({ file }) => file);
      return { backups, leftovers };
    });
  }

  /** Bytes that may still be written. */
  async freeBytes(): Promise<number> {
    return this.#guard("inspect", async () => {
      const facts = await statfs(this.path);
      return facts.bavail * facts.bsize;
    });
  }

  /** Writes the manifest, and with it declares the backup good: whole or not at all, also after a crash. */
  async publish(manifest: Manifest): Promise<void> {
    const target = this.file(manifest.name + MANIFEST_SUFFIX);
    const partial = target + PARTIAL_SUFFIX;
    await this.#guard("write", async () => {
      const handle = await open(partial, "wx", 0o640);
      try {
        await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#moveInPlace(partial, target);
    });
  }

  /** Gives a fully written and synced file its final name. */
  async finishFile(partial: string, target: string): Promise<void> {
    await this.#guard("rename", () => this.#moveInPlace(partial, target));
  }

  /** Deletes a backup, manifest first: half-way through it is no backup any more. */
  async remove(name: string): Promise<void> {
    await this.#guard("delete", async () => {
      await rm(this.file(name + MANIFEST_SUFFIX), { force: true });
      await rm(this.file(name + DATA_SUFFIX), { force: true });
    });
  }

  /** Deletes leftovers that are older than the given moment of this volume's clock; returns how many. */
  async removeLeftovers(files: readonly string[], beforeMs: number): Promise<number> {
    return this.#guard("delete", async () => {
      let removed = 0;
      for (const file of files) {
        const facts = await stat(this.file(file)).catch(() => undefined);
        if (facts === undefined || facts.mtimeMs >= beforeMs) continue;
        await rm(this.file(file), { force: true });
        removed += 1;
      }
      return removed;
    });
  }

  async #fact(file: string, name: string): Promise<BackupFact> {
    const facts = await stat(this.file(file));
    const manifest = parseManifest(await readFile(this.file(file), "utf8"));
    if (manifest?.name !== name) return { name, createdAtMs: facts.mtimeMs, good: false };
    const data = await stat(this.file(manifest.file)).catch(() => undefined);
    return { name, createdAtMs: Date.parse(manifest.createdAt), good: data?.size === manifest.stored.bytes };
  }

  async #moveInPlace(from: string, to: string): Promise<void> {
    await rename(from, to);
    // The new name is durable only once the directory itself is.
    const handle = await open(this.path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw storageFailure(error, `cannot ${doing} in ${this.path}`);
    }
  }
}

/** Wraps an error of the file system. */
export function storageFailure(error: unknown, what: string): StorageError {
  const full =
    error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  const advice = full ? "; the volume is full: enlarge it or shorten the retention" : "";
  return new StorageError(`${what}: ${error instanceof Error ? error.message : String(error)}${advice}`, {
    cause: error,
  });
}
