/** A backup as far as pruning is concerned. */
export interface BackupFact {
  readonly name: string;
  readonly createdAtMs: number;
  /** Its manifest is readable and its data file has the size that the manifest names. */
  readonly good: boolean;
}

/** The rules of pruning. */
export interface RetentionRules {
  readonly retentionDays: number;
  /** So many good backups stay, however old; at least one always does. */
  readonly keepAtLeast: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Names the backups that are to be deleted, oldest first. Good ones go when they are past retention and
 * enough newer good ones stay; the newest good one never does. Broken ones go past retention as well, but
 * only once a newer good one exists: until then they may be all that is left.
 */
export function selectForPruning(
  backups: readonly BackupFact[],
  rules: RetentionRules,
  nowMs: number,
): string[] {
  const newestFirst = [...backups].sort((a, b) => b.createdAtMs - a.createdAtMs);
  const protectedCount = Math.max(1, rules.keepAtLeast);
  const selected: string[] = [];
  let goodSeen = 0;
  for (const backup of newestFirst) {
    const isOld = nowMs - backup.createdAtMs > rules.retentionDays * DAY_MS;
    const needed = backup.good ? goodSeen < protectedCount : goodSeen === 0;
    if (isOld && !needed) selected.push(backup.name);
    if (backup.good) goodSeen += 1;
  }
  return selected.reverse();
}
