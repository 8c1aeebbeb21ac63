import { createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { constants as zlibConstants, createZstdCompress } from "node:zlib";
import { WorkerError } from "../shared/errors/workerError.ts";
import { storageFailure, type BackupDirectory } from "./backupDirectory.ts";
import { PARTIAL_SUFFIX } from "./manifest.ts";
import { Meter } from "./meter.ts";
import { RdbCheck, type RdbFacts } from "./rdbCheck.ts";
import { SnapshotError } from "./errors/snapshotError.ts";

/** What was written. */
export interface ArchiveFacts {
  readonly raw: RdbFacts;
  readonly stored: { readonly bytes: number; readonly sha256: string };
}

/** Fast, and within a few percent of what higher levels reach on dumps that the engine has packed already. */
const ZSTD_LEVEL = 3;
const BUFFER_BYTES = 256 * 1_024;

/**
 * Writes a snapshot as a checked, compressed file: everything flows at the pace of the slowest part, so
 * memory does not grow with the data. The file has its name only once it is complete and on disk;
 * after any error nothing is left of it.
 */
export async function writeArchive(
  snapshot: AsyncIterable<Buffer>,
  directory: BackupDirectory,
  fileName: string,
  signal: AbortSignal,
): Promise<ArchiveFacts> {
  const target = directory.file(fileName);
  const partial = target + PARTIAL_SUFFIX;
  const check = new RdbCheck();
  const meter = new Meter();
  try {
    const file = createWriteStream(partial, {
      flags: "wx",
      mode: 0o640,
      highWaterMark: BUFFER_BYTES,
    });
    await pipeline(snapshot, check, compressor(), meter, file, { signal });
    if (check.facts === undefined) throw new SnapshotError("the snapshot ended without having been checked");
    await syncFile(partial);
    await directory.finishFile(partial, target);
    return { raw: check.facts, stored: { bytes: meter.bytes, sha256: meter.sha256 } };
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    // An abort surfaces as a bare AbortError; the reason is what happened.
    if (signal.aborted) throw signal.reason;
    throw error instanceof WorkerError ? error : storageFailure(error, `cannot write ${partial}`);
  }
}

function compressor(): ReturnType<typeof createZstdCompress> {
  return createZstdCompress({
    chunkSize: BUFFER_BYTES,
    params: {
      [zlibConstants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [zlibConstants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
