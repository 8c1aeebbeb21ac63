import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { LockHeldError } from "./errors/lockHeldError.ts";
import { LockLostError } from "./errors/lockLostError.ts";

/** A held lock. */
export interface RunLock {
  readonly token: string;
  /** Aborts with a LockLostError when the lock can no longer be taken for held. */
  readonly lost: AbortSignal;
  /** Stops the renewal and gives the lock back, unless somebody else holds it by now. */
  release(): Promise<void>;
}

/** Settings of acquireRunLock. */
export interface RunLockOptions {
  readonly key: string;
  /** How long a killed holder blocks others. Renewed every third of it. @default 30 000 */
  readonly ttlMs?: number;
}

const DEFAULT_TTL_MS = 30_000;

/**
 * Takes a lock in Redis: a random token under `key`, set only if absent, with a TTL that is renewed.
 * Compare-and-act is WATCH, GET, MULTI, since worker accounts may not run scripts. The connection must belong
 * to the lock alone: another user's EXEC would drop its WATCH, and the other way round.
 *
 * @throws LockHeldError when another run holds it
 */
export async function acquireRunLock(redis: Redis, options: RunLockOptions): Promise<RunLock> {
  const ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
  const token = randomUUID();
  if ((await redis.set(options.key, token, "PX", ttlMs, "NX")) === null) {
    const remainingMs = await redis.pttl(options.key);
    throw new LockHeldError(
      `another run holds ${options.key}; it frees itself in at most ${remainingMs} ms if that run is dead`,
    );
  }
  const controller = new AbortController();
  let validUntil = Date.now() + ttlMs;
  let renewal = Promise.resolve();
  const renew = async (): Promise<void> => {
    const sentAt = Date.now();
    try {
      if (await ifHeld(redis, options.key, token, "renew", ttlMs)) validUntil = sentAt + ttlMs;
      else validUntil = 0;
    } catch {
      // A hiccup is no loss: the lock stays ours until its TTL has passed.
    }
    if (Date.now() >= validUntil && !controller.signal.aborted) {
      controller.abort(new LockLostError(`${options.key} is no longer held by this run`));
    }
  };
  const timer = setInterval(() => {
    renewal = renewal.then(renew);
  }, ttlMs / 3);
  timer.unref();
  return {
    token,
    lost: controller.signal,
    async release(): Promise<void> {
      clearInterval(timer);
      await renewal;
      await ifHeld(redis, options.key, token, "free", ttlMs);
    },
  };
}

/** Renews or frees the lock if it still carries our token at the moment of the change. */
async function ifHeld(
  redis: Redis,
  key: string,
  token: string,
  action: "renew" | "free",
  ttlMs: number,
): Promise<boolean> {
  await redis.watch(key);
  if ((await redis.get(key)) !== token) {
    await redis.unwatch();
    return false;
  }
  const transaction = redis.multi();
  if (action === "renew") transaction.pexpire(key, ttlMs);
  else transaction.del(key);
  return (await transaction.exec()) !== null;
}
