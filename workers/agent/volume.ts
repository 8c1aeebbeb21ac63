import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../shared/errorCode.ts";
import { readIfPresent } from "./files.ts";
import type { History, Volume } from "./history.ts";
import { parseRecord, RECORD_FILE, recordedHistory, type HistoryRecord } from "./historyRecord.ts";
import { readRdbHistory } from "./rdbHeader.ts";

/** Redis's default names; the rendered redis.conf leaves them alone. */
const AOF_DIRECTORY = "appendonlydir";
const AOF_MANIFEST = join(AOF_DIRECTORY, "appendonly.aof.manifest");
const OLD_AOF = "appendonly.aof";
const RDB = "dump.rdb";
const RDB_HEAD_BYTES = 1024;

/** The append-only files that the manifest lists. */
export interface AofFiles {
  readonly base: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * What the data directory of a stopped server holds.
 * @throws {Error} on anything but missing files: a volume that cannot be read is not an empty one
 */
export async function readVolume(directory: string, bootId: string): Promise<Volume> {
  const record = await readRecord(directory);
  if (record?.unsynced === true) return { kind: "empty" };
  const aof = await readAof(directory);
  if (aof !== null) {
    const files = { aofBase: aof.base, aofBytes: aof.bytes, bootId };
    const history = record === null ? null : recordedHistory(record, files);
    return { kind: "data", history, bytes: aof.bytes, modifiedMs: aof.modifiedMs };
  }
  for (const name of [OLD_AOF, RDB]) {
    const file = await statOrNull(join(directory, name));
    if (file === null) continue;
    const history = name === RDB ? await dumpHistory(join(directory, RDB), record) : null;
    return { kind: "data", history, bytes: file.size, modifiedMs: file.mtimeMs };
  }
  return { kind: "empty" };
}

/** The record beside the data; null when there is none or it is damaged. */
export async function readRecord(directory: string): Promise<HistoryRecord | null> {
  const text = await readIfPresent(join(directory, RECORD_FILE));
  return text === null ? null : parseRecord(text);
}

/** The append-only files of a data directory; null when there is no manifest. */
export async function readAof(directory: string): Promise<AofFiles | null> {
  const manifest = await readIfPresent(join(directory, AOF_MANIFEST));
  if (manifest === null) return null;
  let base = "";
  let bytes = 0;
  let modifiedMs = 0;
  for (const line of manifest.split("\n")) {
    // `file NAME seq N type b|i|h`; history files (h) are about to be deleted.
    const [, name, type] = /^file "?([^"\s]+)"? seq \d+ type (\w)/.exec(line) ?? [];
    if (name === undefined || type === "h") continue;
    if (type === "b") base = name;
    const file = await statOrNull(join(directory, AOF_DIRECTORY, name));
    bytes += file?.size ?? 0;
    modifiedMs = Math.max(modifiedMs, file?.mtimeMs ?? 0);
  }
  return { base, bytes, modifiedMs };
}

async function dumpHistory(path: string, record: HistoryRecord | null): Promise<History | null> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(RDB_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, RDB_HEAD_BYTES, 0);
    const found = readRdbHistory(head.subarray(0, bytesRead));
    if (found === null) return null;
    const superseded = record?.replicationId === found.replicationId ? record.superseded : [];
    return { ...found, superseded, complete: false };
  } finally {
    await file.close();
  }
}

async function statOrNull(path: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
