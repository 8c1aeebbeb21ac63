/** Below this a number of time is taken for seconds: as milliseconds it would lie before March 1973. */
export const SECONDS_BELOW = 100_000_000_000;
/**
 * A time without zone is read as the latest moment it can mean, twelve hours behind UTC: too late costs
 * memory for some hours, too early ends a live session.
 */
export const LATEST_ZONE_OFFSET_MS = 12 * 60 * 60 * 1_000;

const MS_PER_SECOND = 1_000;
const NUMBER = /^\d{1,16}(?:\.\d+)?$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
/** Names under which applications are known to keep the end of a session, in JSON or as hash fields. */
export const LEGACY_DEADLINE_FIELDS = ["expires_at", "expiresAt", "expires", "expiry"] as const;

/** What the content of an entry says about its end. */
export type Reading =
  | { readonly state: "known"; readonly deadlineMs: number }
  | { readonly state: "unknown" }
  | { readonly state: "malformed" };

/** Reads a point in time: seconds or milliseconds since 1970, or ISO 8601. Undefined when it is neither. */
export function parseInstantMs(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? toMs(value) : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) return Number(text) > 0 ? toMs(Number(text)) : undefined;
  const iso = ISO.exec(text);
  if (!iso) return undefined;
  const zoned = iso[1] !== undefined;
  const parsed = Date.parse(zoned ? text.replace(" ", "T") : `${text.replace(" ", "T")}Z`);
  if (Number.isNaN(parsed)) return undefined;
  return zoned ? parsed : parsed + LATEST_ZONE_OFFSET_MS;
}

/**
 * Reads a JSON string that an older application stored as a session. Knows flat fields and the cookie object
 * that session middlewares write; of several answers the latest counts.
 */
export function readLegacyJson(text: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { state: "malformed" };
  }
  if (!isRecord(value)) return { state: "unknown" };
  const record = value;
  const candidates: unknown[] = LEGACY_DEADLINE_FIELDS.map((name) => record[name]);
  if (isRecord(value.cookie)) candidates.push(value.cookie.expires);
  return latest(candidates);
}

/** The latest readable instant among values of unknown shape. */
export function latest(values: readonly unknown[]): Reading {
  const instants = values.map(parseInstantMs).filter((instant) => instant !== undefined);
  return instants.length === 0 ? { state: "unknown" } : { state: "known", deadlineMs: Math.max(...instants) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toMs(value: number): number {
  return value < SECONDS_BELOW ? value * MS_PER_SECOND : value;
}
