import { destination, pino, type Logger } from "pino";

export type { Logger } from "pino";

/** Levels that LOG_LEVEL accepts. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
/** One of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_NAMES = ["password", "sentinelPassword", "masterauth", "uri", "token", "requirepass"];

/**
 * JSON lines on stderr, so that stdout holds nothing but the summary. Written synchronously: the last line
 * before an exit is the one that explains it. Fields with secret-bearing names are blanked at any of the
 * first three depths.
 */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths(), censor: "[redacted]" },
    },
    destination({ dest: 2, sync: true }),
  );
}

/** Every path that is blanked in log lines. */
export function redactedPaths(): string[] {
  return SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
}
