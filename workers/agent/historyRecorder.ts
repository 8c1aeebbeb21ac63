import { join } from "node:path";
import { writeAtomically } from "./files.ts";
import {
  nextRecord,
  RECORD_FILE,
  unsyncedRecord,
  type HistoryRecord,
  type RecordContext,
} from "./historyRecord.ts";
import type { ServerInfo } from "./infoReply.ts";
import { readAof, readRecord } from "./volume.ts";

/** Seconds between two writes while nothing but the offset changes. */
const WRITE_INTERVAL_SECONDS = 1;

/** Keeps the history record on the own volume up to date. */
export class HistoryRecorder {
  readonly #directory: string;
  readonly #bootId: string;
  readonly #now: () => Date;
  #writtenAtMs = 0;

  constructor(directory: string, bootId: string, now: () => Date = () => new Date()) {
    this.#directory = directory;
    this.#bootId = bootId;
    this.#now = now;
  }

  /** Before an empty node starts as a replica: files that appear from now on count only once it has copied. */
  async markUnsynced(): Promise<void> {
    await this.#write(unsyncedRecord(this.#context(null)));
  }

  /**
   * Takes one sample and writes it when it is time; a new id or role is written at once.
   * @param look reads the server; called between two looks at the files, so that a rewrite in between is noticed
   * @returns what `look` saw
   */
  async sample<T extends { readonly info: ServerInfo | null }>(look: () => Promise<T>): Promise<T> {
    const before = await readAof(this.#directory);
    const seen = await look();
    if (seen.info === null) return seen;
    const previous = await readRecord(this.#directory);
    const after = await readAof(this.#directory);
    const aofBase = before?.base === after?.base ? (after?.base ?? null) : null;
    const record = nextRecord(seen.info, previous, this.#context(aofBase));
    if (record !== null && this.#isDue(record, previous)) await this.#write(record);
    return seen;
  }

  #isDue(record: HistoryRecord, previous: HistoryRecord | null): boolean {
    if (previous === null || previous.unsynced) return true;
    if (previous.replicationId !== record.replicationId || previous.role !== record.role) return true;
    return this.#now().getTime() - this.#writtenAtMs >= WRITE_INTERVAL_SECONDS * 1000;
  }

  #context(aofBase: string | null): RecordContext {
    return { at: this.#now(), bootId: this.#bootId, aofBase };
  }

  async #write(record: HistoryRecord): Promise<void> {
    await writeAtomically(join(this.#directory, RECORD_FILE), `${JSON.stringify(record)}\n`);
    this.#writtenAtMs = this.#now().getTime();
  }
}
