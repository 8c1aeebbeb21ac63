import { expect } from "chai";
import fc from "fast-check";
import { Crc64 } from "../../../../workers/backup/crc64.ts";

function crc(...pieces: Uint8Array[]): string {
  const running = new Crc64();
  for (const piece of pieces) running.update(piece);
  return running.digest().toString("hex");
}

describe("Crc64", () => {
  it("gives the published check value", () => {
    const littleEndian = Buffer.from("e9c6d914c4b8d9ca", "hex").reverse().toString("hex");
    expect(crc(Buffer.from("123456789"))).to.equal(littleEndian);
  });

  it("does not depend on how the bytes are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(crc(...pieces)).to.equal(crc(bytes));
        expect(crc(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).to.equal(crc(bytes));
      }),
    );
  });
});
