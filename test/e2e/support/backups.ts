import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import type { Instance } from "./instance.ts";

/** A dump that a Redis can start from. */
export interface ExtractedDump {
  /** Folder that holds `dump.rdb`. */
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * The newest backup of a namespace, unpacked. It is read where the embedded cluster keeps the claim's volume:
 * a folder of this machine.
 */
export async function extractBackup(instance: Instance, namespace: string): Promise<ExtractedDump> {
  const claim = await instance.get<{ spec: { volumeName: string } }>(
    "pvc",
    "backup",
    "--namespace",
    namespace,
  );
  const folder = join(instance.state, "node", "volumes", `${claim.spec.volumeName}_${namespace}_backup`);
  const dumps = (await readdir(folder)).filter((name) => name.endsWith(".rdb.zst")).sort();
  const newest = dumps.at(-1);
  if (newest === undefined)
    throw new Error(`no backup in ${folder}, only ${(await readdir(folder)).join(", ")}`);
  const directory = await mkdtemp(join(tmpdir(), "sessiondb-dump-"));
  await writeFile(join(directory, "dump.rdb"), zstdDecompressSync(await readFile(join(folder, newest))));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
