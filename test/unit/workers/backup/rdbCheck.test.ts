import { randomBytes } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect } from "chai";
import { Crc64 } from "../../../../workers/backup/crc64.ts";
import { SnapshotError } from "../../../../workers/backup/errors/snapshotError.ts";
import { RdbCheck } from "../../../../workers/backup/rdbCheck.ts";

function dump(magic = "REDIS0010", size = 500): Buffer {
  const body = Buffer.concat([Buffer.from(magic), randomBytes(size), Buffer.from([0xff])]);
  const crc = new Crc64();
  crc.update(body);
  return Buffer.concat([body, crc.digest()]);
}

async function check(bytes: Buffer, pieceSize = bytes.length): Promise<RdbCheck> {
  const checker = new RdbCheck();
  const passed: Buffer[] = [];
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, at) =>
    bytes.subarray(at * pieceSize, (at + 1) * pieceSize),
  );
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      passed.push(chunk);
      done();
    },
  });
  await pipeline(Readable.from(pieces), checker, sink);
  expect(Buffer.concat(passed).equals(bytes)).to.equal(true);
  return checker;
}

async function problem(bytes: Buffer): Promise<unknown> {
  return check(bytes).catch((error: unknown) => error);
}

describe("RdbCheck", () => {
  it("lets an intact dump through unchanged, in pieces of any size", async () => {
    const bytes = dump();
    for (const size of [1, 7, 8, 9, 10, 64, bytes.length]) {
      const { facts } = await check(bytes, size);
      expect(facts).to.deep.include({ bytes: bytes.length, magic: "REDIS0010" });
      expect(facts?.crc64).to.equal(bytes.subarray(-8).toString("hex"));
    }
  });

  it("accepts Valkey's own magic and a dump without checksum", async () => {
    expect((await check(dump("VALKEY080"))).facts?.magic).to.equal("VALKEY080");
    const without = Buffer.concat([dump().subarray(0, -8), Buffer.alloc(8)]);
    expect((await check(without)).facts?.crc64).to.equal(null);
  });

  it("notices any flipped bit", async () => {
    const bytes = dump("REDIS0010", 300);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      expect(await problem(damaged), `byte ${at}`).to.be.instanceOf(SnapshotError);
    }
  });

  it("notices truncation at any point", async () => {
    const bytes = dump("REDIS0010", 100);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await problem(bytes.subarray(0, length)), `length ${length}`).to.be.instanceOf(SnapshotError);
    }
  });

  it("refuses what is no dump, or one of a version without checksum", async () => {
    expect(await problem(dump("HELLO0010"))).to.be.instanceOf(SnapshotError);
    expect(await problem(dump("REDIS0004"))).to.be.instanceOf(SnapshotError);
  });
});
