import { parseArgs } from "node:util";
import { EnvReader, type Environment } from "../shared/env.ts";
import { LOG_LEVELS, type LogLevel } from "../shared/logger.ts";

/** The settings of one backup run. */
export interface BackupSettings {
  readonly dryRun: boolean;
  /** Directory of the account's service binding. */
  readonly bindingDirectory: string;
  /** Where backups are kept. */
  readonly directory: string;
  readonly retentionDays: number;
  /** Good backups that stay, however old. */
  readonly keepAtLeast: number;
  /** Bound for the whole run. */
  readonly timeoutSeconds: number;
  readonly logLevel: LogLevel;
}

/** How the worker is called, for error messages. */
export const USAGE = "usage: backup.mjs [--dry-run]";
const HOUR_SECONDS = 3_600;

/**
 * Reads arguments and environment.
 *
 * @throws ConfigurationError naming every problem of both at once
 */
export function readBackupSettings(argv: readonly string[], environment: Environment): BackupSettings {
  const env = new EnvReader(environment);
  const settings: BackupSettings = {
    dryRun: readDryRun(argv, env),
    bindingDirectory: env.text("SESSIONDB_BINDING", "/etc/sessiondb/accounts/backup"),
    directory: env.text("BACKUP_DIRECTORY", "/backup"),
    retentionDays: env.integer("BACKUP_RETENTION_DAYS", { default: 7, min: 1, max: 3_650 }),
    keepAtLeast: env.integer("BACKUP_KEEP_AT_LEAST", { default: 3, min: 1, max: 1_000 }),
    timeoutSeconds: env.integer("BACKUP_TIMEOUT_SECONDS", {
      default: HOUR_SECONDS,
      min: 1,
      max: 24 * HOUR_SECONDS,
    }),
    logLevel: env.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
  env.done();
  return settings;
}

function readDryRun(argv: readonly string[], env: EnvReader): boolean {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { "dry-run": { type: "boolean", default: false } },
    });
    return values["dry-run"];
  } catch (error) {
    env.problem(`${error instanceof Error ? error.message : String(error)}; ${USAGE}`);
    return true;
  }
}
