import { expect } from "chai";
import { backupName, parseFileName, parseManifest } from "../../../../workers/backup/manifest.ts";

const NAME = "backup-20250102T030405Z-0123abcd";
const GOOD = {
  format: "sessiondb-backup",
  formatVersion: 1,
  name: NAME,
  file: `${NAME}.rdb.zst`,
  createdAt: "2025-01-02T03:04:05.006Z",
  raw: { bytes: 10, sha256: "a".repeat(64) },
  stored: { bytes: 5, sha256: "b".repeat(64) },
};

describe("manifest", () => {
  it("names backups so that they sort by time", () => {
    expect(backupName(new Date(GOOD.createdAt), "0123abcd")).to.equal(NAME);
  });

  it("tells the parts of a backup from foreign files", () => {
    expect(parseFileName(`${NAME}.rdb.zst`)).to.deep.equal({ name: NAME, part: "data" });
    expect(parseFileName(`${NAME}.manifest.json`)).to.deep.equal({ name: NAME, part: "manifest" });
    expect(parseFileName(`${NAME}.rdb.zst.partial`)).to.deep.equal({ name: NAME, part: "partial" });
    for (const file of [
      "dump.rdb",
      "x.partial",
      "backup-1.rdb.zst",
      `a${NAME}.rdb.zst`,
      `${NAME}.rdb.zst.old`,
    ]) {
      expect(parseFileName(file), file).to.equal(undefined);
    }
  });

  it("accepts its own layout and nothing damaged", () => {
    expect(parseManifest(JSON.stringify(GOOD))?.name).to.equal(NAME);
    const bad = [
      "",
      "{",
      "[]",
      JSON.stringify({ ...GOOD, formatVersion: 2 }),
      JSON.stringify({ ...GOOD, file: "../../etc/passwd" }),
      JSON.stringify({ ...GOOD, name: "../x", file: "../x.rdb.zst" }),
      JSON.stringify({ ...GOOD, createdAt: "yesterday" }),
      JSON.stringify({ ...GOOD, stored: { bytes: 0, sha256: "b".repeat(64) } }),
      JSON.stringify({ ...GOOD, raw: { bytes: 1, sha256: "short" } }),
    ];
    for (const text of bad) expect(parseManifest(text), text).to.equal(undefined);
  });
});
