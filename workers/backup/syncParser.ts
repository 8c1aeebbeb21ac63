import { SnapshotError } from "./errors/snapshotError.ts";

/** What a replication connection has to say, in its order. */
export type SyncEvent =
  /** A status or error line (`+OK`, `-ERR ...`), without line end. */
  | { readonly type: "line"; readonly text: string }
  /** A piece of the snapshot. */
  | { readonly type: "payload"; readonly bytes: Buffer }
  /** The snapshot is complete. */
  | { readonly type: "end" };

const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 64 * 1_024;
/** Length of the random mark that ends a snapshot of unknown size. */
const MARK_BYTES = 40;
const EOF_PREFIX = "$EOF:";

/**
 * Takes a replication connection apart, whatever the sizes of the chunks it comes in: lines first, then one
 * snapshot, framed by its length (`$123`) or by a mark that the server announces and repeats at the end
 * (`$EOF:...`). Empty lines are the server's sign of life while it prepares.
 */
export class SyncParser {
  #line = Buffer.alloc(0);
  #mode: "lines" | "length" | "mark" | "done" = "lines";
  #remaining = 0;
  #mark = Buffer.alloc(0);
  /** Bytes that may turn out to be the beginning of the mark. */
  #held = Buffer.alloc(0);

  /** Whether the snapshot has come to its end. */
  get isDone(): boolean {
    return this.#mode === "done";
  }

  /** @throws SnapshotError when the bytes follow no known framing */
  push(chunk: Buffer): SyncEvent[] {
    const events: SyncEvent[] = [];
    let rest = chunk;
    while (rest.length > 0 && this.#mode === "lines") rest = this.#takeLine(rest, events);
    if (this.#mode === "length") this.#takeByLength(rest, events);
    else if (this.#mode === "mark") this.#takeByMark(rest, events);
    return events;
  }

  #takeLine(bytes: Buffer, events: SyncEvent[]): Buffer {
    const end = bytes.indexOf(NEWLINE);
    const piece = end < 0 ? bytes : bytes.subarray(0, end);
    this.#line = Buffer.concat([this.#line, piece]);
    if (this.#line.length > MAX_LINE_BYTES) {
      throw new SnapshotError(
        `a reply line is longer than ${MAX_LINE_BYTES} bytes; this is no Redis replication`,
      );
    }
    if (end < 0) return Buffer.alloc(0);
    const text = this.#line.toString("latin1").replace(/\r$/, "");
    this.#line = Buffer.alloc(0);
    if (text.startsWith("$")) this.#beginSnapshot(text, events);
    else if (text !== "") events.push({ type: "line", text });
    return bytes.subarray(end + 1);
  }

  #beginSnapshot(header: string, events: SyncEvent[]): void {
    if (header.startsWith(EOF_PREFIX) && header.length === EOF_PREFIX.length + MARK_BYTES) {
      this.#mark = Buffer.from(header.slice(EOF_PREFIX.length), "latin1");
      this.#mode = "mark";
      return;
    }
    if (!/^\$\d{1,15}$/.test(header)) {
      throw new SnapshotError(
        `the snapshot begins with ${JSON.stringify(header)}; expected $length or $EOF:mark`,
      );
    }
    this.#remaining = Number(header.slice(1));
    this.#mode = this.#remaining > 0 ? "length" : "done";
    if (this.#mode === "done") events.push({ type: "end" });
  }

  #takeByLength(bytes: Buffer, events: SyncEvent[]): void {
    const piece = bytes.subarray(0, this.#remaining);
    if (piece.length > 0) events.push({ type: "payload", bytes: piece });
    this.#remaining -= piece.length;
    if (this.#remaining > 0) return;
    this.#mode = "done";
    events.push({ type: "end" });
  }

  #takeByMark(bytes: Buffer, events: SyncEvent[]): void {
    const seen = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const at = seen.indexOf(this.#mark);
    if (at >= 0) {
      if (at > 0) events.push({ type: "payload", bytes: seen.subarray(0, at) });
      this.#held = Buffer.alloc(0);
      this.#mode = "done";
      events.push({ type: "end" });
      return;
    }
    const safe = Math.max(0, seen.length - (MARK_BYTES - 1));
    if (safe > 0) events.push({ type: "payload", bytes: seen.subarray(0, safe) });
    // A copy, so that the large chunk behind a small remainder can be freed.
    this.#held = Buffer.from(seen.subarray(safe));
  }
}
