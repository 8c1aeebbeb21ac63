/**
 * CRC-64 as Redis puts it at the end of its dumps: Jones' polynomial, reflected, no initial value, no final
 * XOR. BigInt would cost two orders of magnitude, so the register is two 32-bit halves, and eight table
 * lookups take in eight bytes at once.
 */

/** Jones' polynomial 0xad93d23594c935a9 with its bits reversed. */
const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const LANES = 8;
const TABLE_SIZE = 256;

/** Lane k at index k * 256 + byte: the effect of a byte that is followed by k zero bytes. */
const low = new Uint32Array(LANES * TABLE_SIZE);
const high = new Uint32Array(LANES * TABLE_SIZE);

for (let byte = 0; byte < TABLE_SIZE; byte += 1) {
  let l = byte;
  let h = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const carry = l & 1;
    l = (l >>> 1) | (h << 31);
    h >>>= 1;
    if (carry === 1) {
      l ^= POLYNOMIAL_LOW;
      h ^= POLYNOMIAL_HIGH;
    }
  }
  low[byte] = l;
  high[byte] = h;
}
for (let at = TABLE_SIZE; at < LANES * TABLE_SIZE; at += 1) {
  const l = low[at - TABLE_SIZE] ?? 0;
  const h = high[at - TABLE_SIZE] ?? 0;
  low[at] = ((l >>> 8) | (h << 24)) ^ (low[l & 0xff] ?? 0);
  high[at] = (h >>> 8) ^ (high[l & 0xff] ?? 0);
}

/** A running CRC-64. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Takes in more bytes. */
  update(bytes: Uint8Array): void {
    let l = this.#low;
    let h = this.#high;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const a = l ^ word(bytes, at);
      const b = h ^ word(bytes, at + 4);
      l = lane(low, a, b);
      h = lane(high, a, b);
    }
    for (; at < bytes.length; at += 1) {
      const index = (l ^ (bytes[at] ?? 0)) & 0xff;
      l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0);
      h = (h >>> 8) ^ (high[index] ?? 0);
    }
    this.#low = l;
    this.#high = h;
  }

  /** The eight bytes as they stand in a dump: little-endian. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(this.#low | 0, 0);
    bytes.writeInt32LE(this.#high | 0, 4);
    return bytes;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

function lane(table: Uint32Array, a: number, b: number): number {
  return (
    (table[0x700 + (a & 0xff)] ?? 0) ^
    (table[0x600 + ((a >>> 8) & 0xff)] ?? 0) ^
    (table[0x500 + ((a >>> 16) & 0xff)] ?? 0) ^
    (table[0x400 + (a >>> 24)] ?? 0) ^
    (table[0x300 + (b & 0xff)] ?? 0) ^
    (table[0x200 + ((b >>> 8) & 0xff)] ?? 0) ^
    (table[0x100 + ((b >>> 16) & 0xff)] ?? 0) ^
    (table[b >>> 24] ?? 0)
  );
}
