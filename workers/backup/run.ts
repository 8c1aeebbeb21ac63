import { randomBytes } from "node:crypto";
import type { Binding } from "../shared/binding.ts";
import { DeadlineError } from "../shared/errors/deadlineError.ts";
import { EXIT, type ExitCode } from "../shared/exitCodes.ts";
import type { Logger } from "../shared/logger.ts";
import { show } from "../shared/redisConnection.ts";
import { asWorkerError } from "../shared/replyErrors.ts";
import type { WorkerResult } from "../shared/runWorker.ts";
import { writeArchive } from "./archive.ts";
import { BackupDirectory, type Inventory } from "./backupDirectory.ts";
import { lockDirectory } from "./directoryLock.ts";
import { backupName, DATA_SUFFIX, MANIFEST_VERSION, type Manifest } from "./manifest.ts";
import type { BackupSettings } from "./options.ts";
import { ReplicaLink } from "./replicaLink.ts";
import { selectForPruning, type BackupFact } from "./retention.ts";
import { assertUnchanged, chooseSource, watchSource, type Source } from "./source.ts";

/** What a run depends on. */
export interface BackupDependencies {
  readonly settings: BackupSettings;
  readonly binding: Binding;
  readonly logger: Logger;
  /** Aborted by a stop signal: the unfinished backup is dropped. */
  readonly signal: AbortSignal;
  /** @default () => new Date() */
  readonly now?: () => Date;
}

interface PruneReport {
  readonly pruned: readonly string[];
  readonly leftoversRemoved: number;
  readonly failure: string | null;
}

const MS_PER_SECOND = 1_000;

/**
 * One backup run: lock, choose a source, stream, verify, publish, prune. Pruning only ever follows a backup
 * that has been published; if it fails, the backup stands and the run ends as partial.
 *
 * @throws every failure that leaves no new backup
 */
export async function runBackup(dependencies: BackupDependencies): Promise<WorkerResult> {
  if (dependencies.settings.dryRun) return rehearse(dependencies);
  const { settings, logger } = dependencies;
  const directory = new BackupDirectory(settings.directory);
  const lock = await lockDirectory(settings.directory);
  try {
    const deadline = AbortSignal.timeout(settings.timeoutSeconds * MS_PER_SECOND);
    const signal = AbortSignal.any([dependencies.signal, lock.lost, deadline]);
    const manifest = await takeBackup(dependencies, directory, signal).catch((error: unknown) => {
      throw deadline.aborted && !dependencies.signal.aborted ? tooSlow(settings, error) : error;
    });
    logger.info({ backup: manifest.name, bytes: manifest.stored.bytes }, "backup is complete");
    const prune = await pruneDirectory(dependencies, directory, lock.takenAtMs);
    const exitCode: ExitCode = prune.failure === null ? EXIT.ok : EXIT.partial;
    return { exitCode, summary: { dryRun: false, ...summarise(manifest), ...prune } };
  } finally {
    await lock
      .release()
      .catch((err: unknown) => logger.warn({ err }, "the lock file ages until it is stale"));
  }
}

async function takeBackup(
  dependencies: BackupDependencies,
  directory: BackupDirectory,
  signal: AbortSignal,
): Promise<Manifest> {
  const { binding, logger } = dependencies;
  const now = dependencies.now ?? ((): Date => new Date());
  const startedAt = performance.now();
  const source = await chooseSource(binding, logger).catch((error: unknown) => {
    throw asWorkerError(error, "choosing a source");
  });
  logger.info({ source: show(source.address), role: source.info.role }, "taking a backup");
  const watch = watchSource(source);
  const guarded = AbortSignal.any([signal, watch.signal]);
  let link: ReplicaLink | undefined;
  try {
    link = await ReplicaLink.open({ address: source.address, credentials: binding, signal: guarded });
    const point = await link.begin();
    const createdAt = now();
    const { databases } = await source.inspect();
    const name = backupName(createdAt, randomBytes(4).toString("hex"));
    const archive = await writeArchive(link.snapshot(), directory, name + DATA_SUFFIX, guarded);
    assertUnchanged(source, await source.inspect());
    const manifest: Manifest = {
      format: "sessiondb-backup",
      formatVersion: MANIFEST_VERSION,
      name,
      file: name + DATA_SUFFIX,
      createdAt: createdAt.toISOString(),
      engine: source.info.engine,
      source: { ...source.address, role: source.info.role },
      replication: { id: point.replicationId, offset: point.offset },
      databases,
      raw: archive.raw,
      stored: { ...archive.stored, compression: "zstd" },
      durationMs: Math.round(performance.now() - startedAt),
    };
    guarded.throwIfAborted();
    await directory.publish(manifest);
    return manifest;
  } catch (error) {
    throw guarded.aborted ? guarded.reason : asWorkerError(error, "taking a backup");
  } finally {
    watch.stop();
    link?.close();
    source.close();
  }
}

async function pruneDirectory(
  { settings, logger, now }: BackupDependencies,
  directory: BackupDirectory,
  lockedAtMs: number,
): Promise<PruneReport> {
  const pruned: string[] = [];
  let leftoversRemoved = 0;
  try {
    const { backups, leftovers } = await directory.inventory();
    for (const name of selectForPruning(backups, settings, (now?.() ?? new Date()).getTime())) {
      await directory.remove(name);
      pruned.push(name);
    }
    leftoversRemoved = await directory.removeLeftovers(leftovers, lockedAtMs);
    return { pruned, leftoversRemoved, failure: null };
  } catch (err) {
    logger.error({ err }, "pruning failed; the new backup is not affected");
    return { pruned, leftoversRemoved, failure: err instanceof Error ? err.message : String(err) };
  }
}

/** Connects, looks and reports; writes and deletes nothing, and needs no lock for that. */
async function rehearse(dependencies: BackupDependencies): Promise<WorkerResult> {
  const { settings, binding, logger, signal } = dependencies;
  const directory = new BackupDirectory(settings.directory);
  const [inventory, freeBytes] = await Promise.all([directory.inventory(), directory.freeBytes()]);
  const source: Source = await chooseSource(binding, logger).catch((error: unknown) => {
    throw asWorkerError(error, "choosing a source");
  });
  try {
    // Proves that the account may replicate, short of starting a snapshot.
    (await ReplicaLink.open({ address: source.address, credentials: binding, signal })).close();
    const nowMs = (dependencies.now?.() ?? new Date()).getTime();
    return {
      exitCode: EXIT.ok,
      summary: {
        dryRun: true,
        source: { ...source.address, role: source.info.role },
        engine: source.info.engine,
        databases: source.info.databases,
        freeBytes,
        wouldPrune: afterNextBackup(inventory, settings, nowMs),
        wouldRemoveLeftovers: inventory.leftovers,
      },
    };
  } finally {
    source.close();
  }
}

/** What a run would prune once its own backup is there. */
function afterNextBackup(inventory: Inventory, settings: BackupSettings, nowMs: number): string[] {
  const next: BackupFact = { name: "", createdAtMs: nowMs, good: true };
  return selectForPruning([...inventory.backups, next], settings, nowMs);
}

function summarise(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { name, createdAt, source, replication, databases, raw, stored, durationMs } = manifest;
  return {
    backup: name,
    createdAt,
    source,
    replication,
    databases,
    rawBytes: raw.bytes,
    storedBytes: stored.bytes,
    sha256: stored.sha256,
    durationMs,
  };
}

function tooSlow(settings: BackupSettings, cause: unknown): DeadlineError {
  return new DeadlineError(
    `no complete backup within ${settings.timeoutSeconds} s; raise BACKUP_TIMEOUT_SECONDS or look at the source`,
    { cause },
  );
}
