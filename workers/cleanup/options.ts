import { parseArgs } from "node:util";
import type { CleanupScope } from "../../client/keys.ts";
import { EnvReader, type Environment } from "../shared/env.ts";
import { LOG_LEVELS, type LogLevel } from "../shared/logger.ts";

/** The settings of one cleanup run. */
export interface CleanupSettings {
  readonly scope: CleanupScope;
  readonly dryRun: boolean;
  /** Directory of the account's service binding. */
  readonly bindingDirectory: string;
  /** Items per transaction. */
  readonly batchSize: number;
  /** SCAN's COUNT. */
  readonly scanCount: number;
  /** Time after which no new batch begins. */
  readonly maxSeconds: number;
  readonly cacheMaxEntriesPerService: number;
  readonly cacheDefaultTtlSeconds: number;
  readonly logLevel: LogLevel;
}

/** How the worker is called, for error messages. */
export const USAGE = "usage: cleanup.mjs sessions|cache [--dry-run]";
const DEFAULT_BINDING = "/etc/sessiondb/accounts/cleanup";
const DAY_SECONDS = 86_400;

/**
 * Reads arguments and environment.
 *
 * @throws ConfigurationError naming every problem of both at once
 */
export function readCleanupSettings(argv: readonly string[], environment: Environment): CleanupSettings {
  const env = new EnvReader(environment);
  const { scope, dryRun } = readArguments(argv, env);
  const settings: CleanupSettings = {
    scope,
    dryRun: env.flag("CLEANUP_DRY_RUN", false) || dryRun,
    bindingDirectory: env.text("SESSIONDB_BINDING", DEFAULT_BINDING),
    batchSize: env.integer("CLEANUP_BATCH_SIZE", { default: 200, min: 1, max: 10_000 }),
    scanCount: env.integer("CLEANUP_SCAN_COUNT", { default: 500, min: 10, max: 10_000 }),
    maxSeconds: env.integer("CLEANUP_MAX_SECONDS", { default: 240, min: 1, max: DAY_SECONDS }),
    cacheMaxEntriesPerService: env.integer("CLEANUP_CACHE_MAX_ENTRIES_PER_SERVICE", {
      default: 10_000,
      min: 1,
      max: 100_000_000,
    }),
    cacheDefaultTtlSeconds: env.integer("CLEANUP_CACHE_DEFAULT_TTL_SECONDS", {
      default: DAY_SECONDS,
      min: 1,
      max: 365 * DAY_SECONDS,
    }),
    logLevel: env.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
  env.done();
  return settings;
}

function readArguments(argv: readonly string[], env: EnvReader): { scope: CleanupScope; dryRun: boolean } {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { "dry-run": { type: "boolean", default: false } },
    });
    const [scope, ...rest] = positionals;
    if ((scope === "sessions" || scope === "cache") && rest.length === 0) {
      return { scope, dryRun: values["dry-run"] };
    }
    env.problem(`arguments are "${positionals.join(" ")}"; ${USAGE}`);
  } catch (error) {
    env.problem(`${error instanceof Error ? error.message : String(error)}; ${USAGE}`);
  }
  return { scope: "sessions", dryRun: true };
}
