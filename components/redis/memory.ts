/**
 * Memory figures: Kubernetes quantities ("512Mi"), redis.conf sizes ("256mb"), and how much of a container's
 * limit may be data. Pure: no resource, no Redis, no config.
 */

/** Bytes in one mebibyte. */
export const MEBIBYTE = 1024 * 1024;

/** Memory that every redis-server needs before it holds a key: code, tables, backlog, one client per pod. */
export const PROCESS_BASE_BYTES = 48 * MEBIBYTE;

/** Share of `maxmemory` lost to allocator fragmentation and to buffers of ordinary clients. */
const ALLOCATOR_SHARE = 0.25;
/** Share of `maxmemory` whose pages are copied while a forked child writes a snapshot or rewrites the AOF. */
const FORK_SHARE = 0.15;
/** Share of `maxmemory` for writes that wait for a replica during a full synchronisation. */
const REPLICA_BUFFER_SHARE = 0.1;

const KUBERNETES_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

const REDIS_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
};

function parseWith(
  units: Readonly<Record<string, number>>,
  text: string,
  unit: string,
  amount: string,
): number {
  const factor = units[unit];
  const bytes = factor === undefined ? Number.NaN : Number(amount) * factor;
  if (!Number.isFinite(bytes)) throw new RangeError(`cannot read the size "${text}": unknown unit "${unit}"`);
  return Math.floor(bytes);
}

/**
 * Reads a Kubernetes memory or storage quantity: a number and one of k M G T Ki Mi Gi Ti, or plain bytes.
 * @returns bytes, rounded down
 * @throws RangeError when the text is no such quantity
 */
export function parseKubernetesQuantity(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  if (match === null)
    throw new RangeError(`cannot read the quantity "${text}": expected something like 512Mi`);
  return parseWith(KUBERNETES_UNITS, text, match[2] ?? "", match[1] ?? "");
}

/**
 * Reads a size as redis.conf writes it, case-insensitively: `mb` counts in 1024s, `m` in 1000s.
 * @returns bytes
 * @throws RangeError when the text is no such size
 */
export function parseRedisSize(text: string): number {
  const match = /^(\d+)([a-z]*)$/.exec(text.toLowerCase());
  if (match === null)
    throw new RangeError(`cannot read the Redis size "${text}": expected something like 256mb`);
  return parseWith(REDIS_UNITS, text, match[2] ?? "", match[1] ?? "");
}

/** Writes bytes as a Kubernetes quantity in the largest binary unit that keeps it exact ("512Mi"). */
export function formatKubernetesQuantity(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    const factor = KUBERNETES_UNITS[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** Writes bytes as redis.conf would, in the largest unit that keeps it exact ("256mb"). */
export function formatRedisSize(bytes: number): string {
  for (const unit of ["gb", "mb", "kb"]) {
    const factor = REDIS_UNITS[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** What an instance does besides holding data; each of these costs memory that `maxmemory` does not count. */
export interface MemoryDuties {
  /** It forks: RDB snapshots or AOF rewrites (or full synchronisations to replicas). */
  readonly forks: boolean;
  /** Replicas attach to it, so their unsent writes queue here while they load a snapshot. */
  readonly feedsReplicas: boolean;
}

function overheadFactor(duties: MemoryDuties): number {
  return (
    1 +
    ALLOCATOR_SHARE +
    (duties.forks || duties.feedsReplicas ? FORK_SHARE : 0) +
    (duties.feedsReplicas ? REPLICA_BUFFER_SHARE : 0)
  );
}

/**
 * The largest `maxmemory` that fits a container limit:
 * `(limit - 48 MiB) / (1 + 0.25 [+ 0.15 forks] [+ 0.10 feeds replicas])`, rounded down to a whole MiB.
 *
 * `maxmemory` bounds the data set only. A container limit bounds everything, and passing it means a kill
 * by the kernel in the middle of a snapshot: the worst moment. So the difference has to hold the process itself,
 * fragmentation, client buffers, the pages that a forked child forces to be copied (a session store rewrites a
 * small part of its keys within the seconds a snapshot takes) and the writes queued for a synchronising replica.
 * @param limitBytes memory limit of the container
 * @returns bytes; 0 when the limit does not even hold the process
 */
export function deriveMaxmemory(limitBytes: number, duties: MemoryDuties): number {
  const usable = (limitBytes - PROCESS_BASE_BYTES) / overheadFactor(duties);
  return Math.max(0, Math.floor(usable / MEBIBYTE) * MEBIBYTE);
}

/** The smallest container limit in bytes, in whole MiB, that holds the given `maxmemory` by the same reasoning. */
export function limitForMaxmemory(maxmemoryBytes: number, duties: MemoryDuties): number {
  const needed = maxmemoryBytes * overheadFactor(duties) + PROCESS_BASE_BYTES;
  return Math.ceil(needed / MEBIBYTE) * MEBIBYTE;
}

/**
 * Where Redis cuts off a replica that cannot keep up: half again what `deriveMaxmemory` reserved for it, at
 * least 32 MiB, so that the cut comes before the container limit does.
 * @returns bytes for the hard limit of `client-output-buffer-limit replica`
 */
export function replicaBufferLimit(maxmemoryBytes: number): number {
  const reserved = Math.floor((maxmemoryBytes * REPLICA_BUFFER_SHARE) / MEBIBYTE) * MEBIBYTE;
  return Math.max(32 * MEBIBYTE, reserved);
}
