import { mkdir, readFile, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { LocalPaths } from "../support/paths.ts";

const SLOTS = 256;

/** Slots whose link network 10.213.SLOT.0/30 is in use on this machine. */
export function usedSlots(interfaces: ReturnType<typeof networkInterfaces>): Set<number> {
  const used = new Set<number>();
  for (const addresses of Object.values(interfaces)) {
    for (const { address } of addresses ?? []) {
      const match = /^10\.213\.(\d+)\./.exec(address);
      if (match?.[1] !== undefined) used.add(Number(match[1]));
    }
  }
  return used;
}

/**
 * The link network of an instance: the one it had before, else the first free one. It is kept in the
 * instance's state, because addresses are baked into its certificates.
 */
export async function allocateSlot(paths: LocalPaths): Promise<number> {
  const file = join(paths.state, "slot");
  const saved = await readFile(file, "utf8").catch(() => undefined);
  if (saved !== undefined && /^\d+$/.test(saved)) return Number(saved);
  const used = usedSlots(networkInterfaces());
  for (let slot = 0; slot < SLOTS; slot += 1) {
    if (used.has(slot)) continue;
    await mkdir(paths.state, { recursive: true, mode: 0o700 });
    await writeFile(file, String(slot));
    return slot;
  }
  throw new Error(
    "every network 10.213.0.0/30 to 10.213.255.0/30 is in use on this machine; stop an instance first",
  );
}
