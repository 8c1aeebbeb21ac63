import type { Redis } from "ioredis";
import { cleanupLockKey, createKeys, type CleanupScope } from "../../client/keys.ts";
import type { Binding } from "../shared/binding.ts";
import { ConnectionError } from "../shared/errors/connectionError.ts";
import { EXIT, type ExitCode } from "../shared/exitCodes.ts";
import type { Logger } from "../shared/logger.ts";
import { openRedis } from "../shared/redisConnection.ts";
import { asWorkerError, replyCode } from "../shared/replyErrors.ts";
import { retry } from "../shared/retry.ts";
import { acquireRunLock, type RunLock } from "../shared/runLock.ts";
import type { WorkerResult } from "../shared/runWorker.ts";
import { Budget } from "./budget.ts";
import { cleanCache } from "./cache.ts";
import { DryRunStore } from "./dryRunStore.ts";
import { GuardedStore } from "./guardedStore.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { CleanupSettings } from "./options.ts";
import { cleanSessions, type CleanupEnd } from "./sessions.ts";

/** What a run depends on. */
export interface CleanupDependencies {
  readonly settings: CleanupSettings;
  readonly binding: Binding;
  readonly logger: Logger;
  /** Aborted by a stop signal: the batch at hand is finished, then the run ends. */
  readonly signal: AbortSignal;
}

const MS_PER_SECOND = 1_000;

/**
 * One cleanup run: connect, lock, clean, summarise. Starts over after a lost connection or a failover; what
 * was done stays done and counted.
 *
 * @throws LockHeldError, AccessError, ConnectionError when the attempts are used up
 */
export async function runCleanup(dependencies: CleanupDependencies): Promise<WorkerResult> {
  const { settings, logger, signal } = dependencies;
  const ledger = createLedger();
  const budget = new Budget({ maxMs: settings.maxSeconds * MS_PER_SECOND, signal });
  const end = await retry(() => attempt(dependencies, ledger, budget), {
    on: [ConnectionError],
    signal,
    onRetry: (err, number, delayMs) => logger.warn({ err, attempt: number, delayMs }, "starting over"),
  });
  const interrupted = signal.aborted;
  return {
    exitCode: exitCode(ledger, interrupted),
    summary: {
      scope: settings.scope,
      dryRun: settings.dryRun,
      ...ledger,
      resumedFrom: end.resumedFrom,
      complete: end.complete && !interrupted,
      interrupted,
      durationMs: budget.elapsedMs(),
    },
  };
}

async function attempt(
  dependencies: CleanupDependencies,
  ledger: Ledger,
  budget: Budget,
): Promise<CleanupEnd> {
  const { settings, logger } = dependencies;
  const target = cleanupTarget(dependencies.binding, settings.scope);
  const connection = { connectionName: `sessiondb-cleanup-${settings.scope}`, database: target.database };
  const open: Redis[] = [];
  let lock: RunLock | undefined;
  try {
    const redis = await openRedis(target, connection);
    open.push(redis);
    if (!settings.dryRun) {
      const lockConnection = await openRedis(target, connection);
      open.push(lockConnection);
      lock = await tryLock(lockConnection, settings.scope, logger);
    }
    const store = settings.dryRun
      ? new DryRunStore({ redis, ledger })
      : new GuardedStore({ redis, ledger, logger });
    const bounded = lock ? budget.under(lock.lost) : budget;
    const options = { redis, store, keys: createKeys(), ledger, logger, budget: bounded, ...settings };
    if (settings.scope === "sessions") return await cleanSessions(options);
    return await cleanCache({
      ...options,
      maxEntriesPerService: settings.cacheMaxEntriesPerService,
      defaultTtlSeconds: settings.cacheDefaultTtlSeconds,
    });
  } catch (error) {
    throw asWorkerError(error, `cleaning up ${settings.scope}`);
  } finally {
    await lock?.release().catch((err: unknown) => logger.warn({ err }, "the lock ends with its TTL"));
    for (const redis of open) redis.disconnect();
  }
}

/** Where the scope's data lives: the binding itself, or the cache's own instance or database. */
export function cleanupTarget(binding: Binding, scope: CleanupScope): Binding {
  if (scope === "sessions") return binding;
  const { sentinel, ...direct } = binding;
  if (binding.cache) return { ...direct, ...binding.cache, database: binding.cacheDatabase };
  return { ...direct, ...(sentinel ? { sentinel } : {}), database: binding.cacheDatabase };
}

/**
 * The lock only saves work, correctness is the guards' business. So a server whose memory is full, and which
 * refuses the lock for that reason, is cleaned up all the same: it needs it most.
 */
async function tryLock(redis: Redis, scope: CleanupScope, logger: Logger): Promise<RunLock | undefined> {
  try {
    return await acquireRunLock(redis, { key: cleanupLockKey(scope) });
  } catch (error) {
    if (replyCode(error) !== "OOM") throw error;
    logger.warn({ err: error }, "Redis has no memory for the lock; going on without it");
    return undefined;
  }
}

function exitCode(ledger: Ledger, interrupted: boolean): ExitCode {
  return ledger.failed > 0 || interrupted ? EXIT.partial : EXIT.ok;
}
