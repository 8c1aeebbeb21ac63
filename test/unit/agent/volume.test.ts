import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { RECORD_FILE, unsyncedRecord, type HistoryRecord } from "../../../workers/agent/historyRecord.ts";
import { readAof, readVolume } from "../../../workers/agent/volume.ts";

const BOOT = "boot-1";
const BASE = "appendonly.aof.1.base.rdb";

describe("the own volume", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-volume-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function putAof(increment: string): Promise<void> {
    const folder = join(directory, "appendonlydir");
    await mkdir(folder);
    const manifest = [
      `file ${BASE} seq 1 type b`,
      "file appendonly.aof.0.incr.aof seq 0 type h",
      "file appendonly.aof.1.incr.aof seq 1 type i",
      "",
    ];
    await writeFile(join(folder, "appendonly.aof.manifest"), manifest.join("\n"));
    await writeFile(join(folder, BASE), "base");
    await writeFile(join(folder, "appendonly.aof.1.incr.aof"), increment);
    await writeFile(join(folder, "appendonly.aof.0.incr.aof"), "about to be deleted");
  }

  async function putRecord(record: HistoryRecord): Promise<void> {
    await writeFile(join(directory, RECORD_FILE), JSON.stringify(record));
  }

  const empty = unsyncedRecord({ at: new Date(0), bootId: BOOT, aofBase: null });
  const recorded: HistoryRecord = {
    ...empty,
    unsynced: false,
    replicationId: "a",
    offset: 100,
    role: "primary",
    superseded: ["z"],
    aof: { base: BASE, bytes: 6 },
  };

  it("is empty when it holds no data file, also with other files on it", async () => {
    await mkdir(join(directory, "lost+found"));
    expect(await readVolume(directory, BOOT)).to.deep.equal({ kind: "empty" });
  });

  it("measures the files that the manifest lists, without those about to be deleted", async () => {
    await putAof("12345");
    expect(await readAof(directory)).to.deep.include({ base: BASE, bytes: 9 });
  });

  it("adds the growth since the record to the recorded offset", async () => {
    await putAof("12345");
    await putRecord(recorded);
    const volume = await readVolume(directory, BOOT);
    expect(volume).to.deep.include({
      kind: "data",
      bytes: 9,
      history: { replicationId: "a", offset: 103, superseded: ["z"], complete: true },
    });
  });

  it("has data of unknown history without a record, and with a damaged one", async () => {
    await putAof("12345");
    expect(await readVolume(directory, BOOT)).to.deep.include({ kind: "data", history: null });
    await writeFile(join(directory, RECORD_FILE), "{");
    expect(await readVolume(directory, BOOT)).to.deep.include({ kind: "data", history: null });
  });

  it("counts as empty while a node that started empty has not copied its primary", async () => {
    await putAof("");
    await putRecord(empty);
    expect(await readVolume(directory, BOOT)).to.deep.equal({ kind: "empty" });
  });

  it("goes by the dump's own header where there is no append-only file", async () => {
    const field = (text: string): string => String.fromCharCode(text.length) + text;
    const header = `REDIS0010\xfa${field("repl-id")}${field("a")}\xfa${field("repl-offset")}${field("42")}\xff`;
    await writeFile(join(directory, "dump.rdb"), Buffer.from(header, "latin1"));
    await putRecord(recorded);
    expect(await readVolume(directory, BOOT)).to.deep.include({
      history: { replicationId: "a", offset: 42, superseded: ["z"], complete: false },
    });
  });

  it("is not taken for empty when it cannot be read", async function () {
    if (process.getuid?.() === 0)
      await writeFile(join(directory, "appendonlydir"), "a file where a folder should be");
    else await chmod(directory, 0);
    let failure: unknown;
    await readVolume(directory, BOOT).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(Error);
  });
});
