const OPCODE_AUX = 0xfa;
const MAGIC = "REDIS";

/**
 * Reads the replication id and offset that a dump carries in its first fields: a node without append-only
 * persistence restarts from exactly that moment, whatever was recorded later.
 * @param head the first few hundred bytes of the file
 * @returns null when the dump names no stream (written by a primary that never had a replica) or is not a dump
 */
export function readRdbHistory(head: Buffer): { replicationId: string; offset: number } | null {
  if (head.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) return null;
  const fields = new Map<string, string>();
  let at = MAGIC.length + 4;
  while (head[at] === OPCODE_AUX) {
    const name = readString(head, at + 1);
    const value = name === null ? null : readString(head, name.end);
    if (name === null || value === null) break;
    fields.set(name.text, value.text);
    at = value.end;
  }
  const replicationId = fields.get("repl-id");
  const offset = Number(fields.get("repl-offset"));
  return replicationId === undefined || !Number.isSafeInteger(offset) ? null : { replicationId, offset };
}

/** Dump strings: a 6- or 14-bit length and bytes, or an integer of 8, 16 or 32 bits; null past the end. */
function readString(from: Buffer, at: number): { text: string; end: number } | null {
  const first = from[at];
  const second = from[at + 1];
  if (first === undefined || second === undefined) return null;
  const form = first >> 6;
  if (form === 0 || form === 1) {
    const start = form === 0 ? at + 1 : at + 2;
    const length = form === 0 ? first & 0x3f : ((first & 0x3f) << 8) | second;
    const end = start + length;
    return end > from.length ? null : { text: from.subarray(start, end).toString("latin1"), end };
  }
  if (form !== 3) return null;
  const width = { 0: 1, 1: 2, 2: 4 }[first & 0x3f];
  if (width === undefined || at + 1 + width > from.length) return null;
  return { text: String(from.readIntLE(at + 1, width)), end: at + 1 + width };
}
