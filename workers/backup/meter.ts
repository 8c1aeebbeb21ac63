import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";

/** Counts and digests what passes through, unchanged. */
export class Meter extends Transform {
  bytes = 0;
  readonly #sha256 = createHash("sha256");
  #hex: string | undefined;

  /** SHA-256 of everything that passed, hex; ask after the end. */
  get sha256(): string {
    this.#hex ??= this.#sha256.digest("hex");
    return this.#hex;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    this.#sha256.update(chunk);
    done(null, chunk);
  }
}
