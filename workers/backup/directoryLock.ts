import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { errorCode } from "../shared/errorCode.ts";
import { LockHeldError } from "../shared/errors/lockHeldError.ts";
import { LockLostError } from "../shared/errors/lockLostError.ts";
import { storageFailure } from "./backupDirectory.ts";

/** A held lock on a backup directory. */
export interface DirectoryLock {
  /** When it was taken, by the volume's own clock, ms. */
  readonly takenAtMs: number;
  /** Aborts with a LockLostError when somebody else took it over. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Settings of lockDirectory. */
export interface DirectoryLockOptions {
  /** A lock that gave no sign of life for so long is dead. @default 60 000 */
  readonly staleAfterMs?: number;
  /** @default a sixth of staleAfterMs */
  readonly heartbeatMs?: number;
}

/** Name of the lock file. */
export const LOCK_FILE = ".backup.lock";
const STALE_AFTER_MS = 60_000;

/**
 * Takes the directory for one run, by creating a file that must not exist. The holder touches it regularly;
 * one that has not been touched for long belongs to a killed run and is taken over. Ages are measured
 * with the volume's own clock, which is the same for everybody who mounts it.
 *
 * @throws LockHeldError when a live run holds it, StorageError when the directory is not writable
 */
export async function lockDirectory(
  directory: string,
  options: DirectoryLockOptions = {},
): Promise<DirectoryLock> {
  const staleAfterMs = options.staleAfterMs ?? STALE_AFTER_MS;
  const token = randomUUID();
  const path = join(directory, LOCK_FILE);
  if (!(await create(path, token))) {
    await takeOverStale(path, token, staleAfterMs);
  }
  const takenAtMs = (await stat(path)).mtimeMs;
  const controller = new AbortController();
  let beating = Promise.resolve();
  const beat = async (): Promise<void> => {
    if ((await tokenOf(path)) === token) {
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
    } else controller.abort(new LockLostError(`${path} was taken over by another run`));
  };
  const timer = setInterval(
    () => {
      beating = beating.then(beat);
    },
    options.heartbeatMs ?? staleAfterMs / 6,
  );
  timer.unref();
  return {
    takenAtMs,
    lost: controller.signal,
    async release(): Promise<void> {
      clearInterval(timer);
      await beating;
      if ((await tokenOf(path)) === token) await rm(path, { force: true });
    },
  };
}

/** Creates the lock file with our token; false when it exists. */
async function create(path: string, token: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx", 0o640);
    try {
      await handle.writeFile(JSON.stringify({ token, host: hostname(), pid: process.pid }));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw storageFailure(error, `cannot create ${path}`);
  }
}

/**
 * Replaces a stale lock by our own, in one step, so that there is a lock at every moment. Several runs may find the same
 * lock stale at once: the one that creates the claim on that very lock goes on, and looks again before it
 * replaces it, for a claim may also come late, when the lock is already another's.
 */
async function takeOverStale(path: string, token: string, staleAfterMs: number): Promise<void> {
  const stale = await requireStale(path, token, staleAfterMs);
  const claim = `${path}.claim-${stale}`;
  if (!(await create(claim, token))) {
    // Of a run that was killed right here; whoever comes next finds no claim.
    if (((await ageOf(claim, token)) ?? 0) >= staleAfterMs) await rm(claim, { force: true });
    throw held(path, "another run is taking it over");
  }
  try {
    if ((await requireStale(path, token, staleAfterMs)) !== stale)
      throw held(path, "another run took it over just now");
    const own = `${path}.${token}`;
    await create(own, token);
    await rename(own, path).catch((error: unknown) => {
      throw storageFailure(error, `cannot replace the stale ${path}`);
    });
  } finally {
    await rm(claim, { force: true });
  }
}

/** Identity of a lock that is stale. @throws LockHeldError when it shows life, or went away between two looks */
async function requireStale(path: string, token: string, staleAfterMs: number): Promise<string> {
  const ageMs = await ageOf(path, token);
  if (ageMs === undefined) throw held(path, "it was released just now");
  if (ageMs < staleAfterMs) throw held(path, `it showed life ${Math.round(ageMs / 1_000)} s ago`);
  const { ino, mtimeMs } = await stat(path).catch(() => {
    throw held(path, "it was released just now");
  });
  return `${ino}-${Math.round(mtimeMs)}`;
}

/** Time since the lock's last sign of life, against a file touched this moment on the same volume. */
async function ageOf(path: string, token: string): Promise<number | undefined> {
  const probe = `${path}.${token}.clock`;
  try {
    await (await open(probe, "w", 0o640)).close();
    const [now, lock] = await Promise.all([stat(probe), stat(path)]);
    return now.mtimeMs - lock.mtimeMs;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw storageFailure(error, `cannot look at ${path}`);
  } finally {
    await rm(probe, { force: true });
  }
}

async function tokenOf(path: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null && "token" in value && typeof value.token === "string"
      ? value.token
      : undefined;
  } catch {
    return undefined;
  }
}

function held(path: string, reason: string): LockHeldError {
  return new LockHeldError(`another backup holds ${path}: ${reason}`);
}
