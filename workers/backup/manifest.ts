/** Version of the manifest's layout; readers refuse what they do not know. */
export const MANIFEST_VERSION = 1;
/** Ending of a backup's data file. */
export const DATA_SUFFIX = ".rdb.zst";
/** Ending of a backup's manifest, whose presence is what makes it a backup. */
export const MANIFEST_SUFFIX = ".manifest.json";
/** Ending of a file that is still being written. */
export const PARTIAL_SUFFIX = ".partial";

/** Key counts of one database at the moment of the snapshot. */
export interface DatabaseCount {
  readonly index: number;
  readonly keys: number;
  /** How many of them have a TTL. */
  readonly expiring: number;
}

/** Everything that is known about a backup, kept beside its data. */
export interface Manifest {
  readonly format: "sessiondb-backup";
  readonly formatVersion: typeof MANIFEST_VERSION;
  readonly name: string;
  /** Data file, in the same directory. */
  readonly file: string;
  /** The moment that the snapshot shows, ISO 8601 in UTC. */
  readonly createdAt: string;
  readonly engine: { readonly name: string; readonly version: string };
  readonly source: { readonly host: string; readonly port: number; readonly role: "primary" | "replica" };
  readonly replication: { readonly id: string; readonly offset: number };
  /** From INFO at the snapshot's beginning: exact unless writes arrived in that same instant. */
  readonly databases: readonly DatabaseCount[];
  /** The dump before compression. */
  readonly raw: {
    readonly bytes: number;
    readonly sha256: string;
    readonly magic: string;
    readonly crc64: string | null;
  };
  /** The data file. */
  readonly stored: { readonly bytes: number; readonly sha256: string; readonly compression: "zstd" };
  readonly durationMs: number;
}

const NAME = /^backup-\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** A name that sorts by time; the suffix keeps two of the same second apart. */
export function backupName(createdAt: Date, suffix: string): string {
  return `backup-${createdAt.toISOString().replace(/[-:]|\.\d+/g, "")}-${suffix}`;
}

/** The backup that a file of the directory belongs to, and its part in it; undefined for foreign files. */
export function parseFileName(
  file: string,
): { readonly name: string; readonly part: "data" | "manifest" | "partial" } | undefined {
  const parts = [
    { suffix: DATA_SUFFIX, part: "data" },
    { suffix: MANIFEST_SUFFIX, part: "manifest" },
    { suffix: DATA_SUFFIX + PARTIAL_SUFFIX, part: "partial" },
    { suffix: MANIFEST_SUFFIX + PARTIAL_SUFFIX, part: "partial" },
  ] as const;
  for (const { suffix, part } of parts) {
    const name = file.endsWith(suffix) ? file.slice(0, -suffix.length) : "";
    if (NAME.test(name)) return { name, part };
  }
  return undefined;
}

/** Reads a manifest; undefined when it is damaged or of another version. */
export function parseManifest(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isManifest(value) ? value : undefined;
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || !isRecord(value.raw) || !isRecord(value.stored)) return false;
  return (
    value.format === "sessiondb-backup" &&
    value.formatVersion === MANIFEST_VERSION &&
    typeof value.name === "string" &&
    NAME.test(value.name) &&
    value.file === value.name + DATA_SUFFIX &&
    typeof value.createdAt === "string" &&
    !Number.isNaN(Date.parse(value.createdAt)) &&
    isSize(value.raw.bytes) &&
    isDigest(value.raw.sha256) &&
    isSize(value.stored.bytes) &&
    isDigest(value.stored.sha256)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function isDigest(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
