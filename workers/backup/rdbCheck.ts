import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { Crc64 } from "./crc64.ts";
import { SnapshotError } from "./errors/snapshotError.ts";

/** What is known of a snapshot that passed through whole. */
export interface RdbFacts {
  /** Uncompressed size. */
  readonly bytes: number;
  /** Of the uncompressed bytes, hex. */
  readonly sha256: string;
  /** The first nine bytes: name and version of the format, such as REDIS0010. */
  readonly magic: string;
  /** The dump's own checksum as it stands in the file, hex; null when the server writes none. */
  readonly crc64: string | null;
}

const MAGIC_BYTES = 9;
const MAGIC = /^(?:REDIS\d{4}|VALKEY\d{3})$/;
const TRAILER_BYTES = 8;
const EOF_OPCODE = 0xff;
const SMALLEST = MAGIC_BYTES + 1 + TRAILER_BYTES;
/** First version of the format with a checksum. */
const CHECKSUM_SINCE = 5;

/**
 * Lets a dump through unchanged and fails at its end unless it begins and ends as a dump does and carries the
 * checksum of what came in between. `facts` is set once it has ended well.
 */
export class RdbCheck extends Transform {
  facts: RdbFacts | undefined;
  readonly #crc = new Crc64();
  readonly #sha256 = createHash("sha256");
  #bytes = 0;
  #magic = Buffer.alloc(0);
  /** The last bytes so far: the opcode and the checksum, if this was all. */
  #tail = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    this.#sha256.update(chunk);
    if (this.#magic.length < MAGIC_BYTES) {
      this.#magic = Buffer.concat([this.#magic, chunk.subarray(0, MAGIC_BYTES - this.#magic.length)]);
      if (this.#magic.length === MAGIC_BYTES && !isMagic(this.#magic)) {
        done(new SnapshotError(`the snapshot begins with ${show(this.#magic)}, which no Redis dump does`));
        return;
      }
    }
    this.#checksum(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    try {
      this.facts = this.#conclude();
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes in all but the last nine bytes, which may be the trailer. */
  #checksum(chunk: Buffer): void {
    const keep = 1 + TRAILER_BYTES;
    if (chunk.length >= keep) {
      this.#crc.update(this.#tail);
      this.#crc.update(chunk.subarray(0, chunk.length - keep));
      this.#tail = Buffer.from(chunk.subarray(chunk.length - keep));
      return;
    }
    const seen = Buffer.concat([this.#tail, chunk]);
    const surplus = Math.max(0, seen.length - keep);
    this.#crc.update(seen.subarray(0, surplus));
    this.#tail = seen.subarray(surplus);
  }

  #conclude(): RdbFacts {
    if (this.#bytes < SMALLEST) {
      throw new SnapshotError(`the snapshot has ${this.#bytes} bytes; the smallest dump has ${SMALLEST}`);
    }
    const opcode = this.#tail.subarray(0, 1);
    const stored = this.#tail.subarray(1);
    if (opcode[0] !== EOF_OPCODE) {
      throw new SnapshotError(
        "the snapshot does not end with the end-of-dump opcode: it is cut off or damaged",
      );
    }
    this.#crc.update(opcode);
    const computed = this.#crc.digest();
    const disabled = stored.every((byte) => byte === 0);
    if (!disabled && !computed.equals(stored)) {
      throw new SnapshotError(
        `the snapshot's checksum is ${stored.toString("hex")}, its content gives ${computed.toString("hex")}`,
      );
    }
    return {
      bytes: this.#bytes,
      sha256: this.#sha256.digest("hex"),
      magic: this.#magic.toString("latin1"),
      crc64: disabled ? null : stored.toString("hex"),
    };
  }
}

function isMagic(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return MAGIC.test(text) && Number(/\d+$/.exec(text)?.[0]) >= CHECKSUM_SINCE;
}

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1"));
}
