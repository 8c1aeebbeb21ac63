import { createHash } from "node:crypto";

/**
 * Every Redis key of the data model, in one place. Nobody else spells a key.
 *
 * Keys of sessions and tokens never hold the id that a browser or an app presents, but its digest, so that a
 * dump, a backup or a slow log gives away no usable session. The builders that end in `Of` take the raw id
 * and digest it; those without take a digest (or a raw id, in the compatibility mode of adapters that promise
 * raw ids in keys, and for data of older apps).
 */

/** Kinds of entry that end at a deadline and are listed in an `expirations:{kind}` index. */
export const EXPIRING_KINDS = ["session", "refresh_token", "deletion_token"] as const;
/** One of EXPIRING_KINDS. */
export type ExpiringKind = (typeof EXPIRING_KINDS)[number];

/**
 * Field names of the hashes at `session:*`, `refresh_token:*` and `deletion_token:*` that other parts than
 * the library rely on. Times are milliseconds since 1970 as decimal text.
 */
export const FIELDS = {
  /** Id of the user that the entry belongs to. */
  user: "user",
  /** The application's own content. */
  data: "data",
  /** Time of creation, ms. */
  createdAtMs: "created",
  /** Time of the last touch, ms. */
  lastSeenAtMs: "seen",
  /** End unless touched before, ms. */
  idleDeadlineMs: "idle",
  /** End in any case, ms. */
  absoluteDeadlineMs: "absolute",
  /** Counts the changes. */
  version: "version",
} as const;

/** What a key means, once its prefix is taken off. */
export type ParsedKey =
  | { readonly kind: ExpiringKind; readonly id: string }
  | { readonly kind: "user_sessions"; readonly user: string }
  | { readonly kind: "expirations"; readonly of: string }
  | { readonly kind: "cache"; readonly service: string; readonly key: string };

/** Kinds of key that the model knows. */
export type KeyKind = ParsedKey["kind"];

/** What a cleanup run keeps in Redis about itself. */
export type CleanupScope = "sessions" | "cache";

/** Builders and parser for one prefix. */
export interface Keys {
  /** Put in front of every key; empty for the stack's own app account. */
  readonly prefix: string;
  /** `session:{digest}`: hash with TTL. */
  session(digest: string): string;
  /** The session key of a raw id. */
  sessionOf(id: string): string;
  /** `refresh_token:{digest}`: hash with TTL. */
  refreshToken(digest: string): string;
  /** The refresh token key of a raw token. */
  refreshTokenOf(token: string): string;
  /** `deletion_token:{digest}`: hash with TTL. */
  deletionToken(digest: string): string;
  /** The deletion token key of a raw token. */
  deletionTokenOf(token: string): string;
  /** The key of an entry of any expiring kind, by its digest. */
  entry(kind: ExpiringKind, digest: string): string;
  /** `user_sessions:{user}`: sorted set of session digests by creation time, ms. */
  userSessions(user: string): string;
  /** `expirations:{kind}`: sorted set of digests by deadline, ms. */
  expirations(kind: ExpiringKind): string;
  /** `cache:{service}:{key}`: any type, with TTL. The service may not hold a colon. */
  cache(service: string, key: string): string;
  /** The reverse; undefined for keys of other applications and of other prefixes. */
  parse(key: string): ParsedKey | undefined;
  /** MATCH pattern of a kind's keys, for SCAN. */
  pattern(kind: KeyKind): string;
}

const SEPARATOR = ":";
const GLOB_SPECIAL = /[*?[\]\\^-]/g;

/**
 * Key builders under a prefix.
 *
 * @example
 * const keys = createKeys({ prefix: "app1:" });
 * keys.sessionOf(id); // app1:session:3n2k...
 * @throws TypeError when the prefix has white space or control characters
 */
export function createKeys(options: { readonly prefix?: string } = {}): Keys {
  const prefix = options.prefix ?? "";
  if (/[\s\u0000-\u001f\u007f]/.test(prefix)) {
    throw new TypeError(`key prefix ${JSON.stringify(prefix)} has white space; use a text such as "app1:"`);
  }
  const build = (...parts: readonly string[]): string => prefix + parts.join(SEPARATOR);
  const entry = (kind: ExpiringKind, digest: string): string => build(kind, digest);
  return {
    prefix,
    entry,
    session: (digest) => entry("session", digest),
    sessionOf: (id) => entry("session", digestId(id)),
    refreshToken: (digest) => entry("refresh_token", digest),
    refreshTokenOf: (token) => entry("refresh_token", digestId(token)),
    deletionToken: (digest) => entry("deletion_token", digest),
    deletionTokenOf: (token) => entry("deletion_token", digestId(token)),
    userSessions: (user) => build("user_sessions", user),
    expirations: (kind) => build("expirations", kind),
    cache(service, key) {
      if (service === "" || service.includes(SEPARATOR)) {
        throw new TypeError(`cache service ${JSON.stringify(service)} must be non-empty and hold no colon`);
      }
      return build("cache", service, key);
    },
    parse: (key) => (key.startsWith(prefix) ? parseBare(key.slice(prefix.length)) : undefined),
    pattern: (kind) => `${prefix.replace(GLOB_SPECIAL, "\\$&")}${kind}${SEPARATOR}*`,
  };
}

/** The digest under which an id is stored: SHA-256, base64url without padding (43 characters). */
export function digestId(id: string): string {
  return createHash("sha256").update(id, "utf8").digest("base64url");
}

/** Where cleanup of a scope keeps the position of an unfinished sweep. */
export function cleanupCursorKey(scope: CleanupScope): string {
  return `sessiondb:cleanup:cursor:${scope}`;
}

/** The run lock of a cleanup scope. */
export function cleanupLockKey(scope: CleanupScope): string {
  return `sessiondb:cleanup:lock:${scope}`;
}

function parseBare(key: string): ParsedKey | undefined {
  const end = key.indexOf(SEPARATOR);
  const rest = key.slice(end + 1);
  if (end < 1 || rest === "") return undefined;
  const kind = key.slice(0, end);
  switch (kind) {
    case "session":
    case "refresh_token":
    case "deletion_token":
      return { kind, id: rest };
    case "user_sessions":
      return { kind, user: rest };
    case "expirations":
      return { kind, of: rest };
    case "cache": {
      const split = rest.indexOf(SEPARATOR);
      if (split < 1 || split === rest.length - 1) return undefined;
      return { kind, service: rest.slice(0, split), key: rest.slice(split + 1) };
    }
    default:
      return undefined;
  }
}
