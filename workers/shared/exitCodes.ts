/** Exit statuses that every worker shares; CronJob policies and alerts rely on them. */
export const EXIT = {
  /** Everything that was asked for is done. */
  ok: 0,
  /** The run failed as a whole. */
  failed: 1,
  /** Arguments, environment or binding are wrong; running again changes nothing. */
  usage: 2,
  /** A part of the work failed or was cut short by a signal; what is done is valid. */
  partial: 3,
  /** Another run holds the lock (sysexits' EX_TEMPFAIL). */
  locked: 75,
} as const;

/** One of the statuses in EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
