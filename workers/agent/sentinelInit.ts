import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import type { Logger } from "../shared/logger.ts";
import { readIfPresent, writeAtomically } from "./files.ts";
import type { Observation } from "./observe.ts";
import { choosePrimary } from "./sentinelChoice.ts";
import { refreshSentinelFile, renderSentinelFile, type SentinelFileArgs } from "./sentinelFile.ts";
import type { Topology } from "./topology.ts";

const POLL_MS = 500;
/** The file holds passwords. */
const FILE_MODE = 0o600;

/** What the initial agent of a Sentinel pod works with. */
export interface SentinelInitArgs {
  readonly topology: Topology;
  readonly file: SentinelFileArgs;
  readonly timeoutSeconds: number;
  readonly observe: () => Promise<Observation>;
  readonly logger: Logger;
  /** Told whenever the reason for waiting changes; for the status endpoint. */
  readonly onWait: (missing: string) => void;
}

/**
 * Sees to it that the Sentinel's file exists and carries the program's present settings. A Sentinel that has one never
 * waits; a new one waits, without end but not silently, until it is certain whom to monitor.
 */
export async function prepareSentinel(args: SentinelInitArgs, signal: AbortSignal): Promise<void> {
  const path = join(args.file.directory, "sentinel.conf");
  const existing = await readIfPresent(path);
  const refreshed = existing === null ? null : refreshSentinelFile(existing, args.file);
  if (refreshed !== null) {
    await writeAtomically(path, refreshed.text, FILE_MODE);
    const { primary, primaryExpected, forgotten } = refreshed;
    args.logger.info({ forgotten }, "the Sentinel's settings are refreshed, its state is kept");
    if (!primaryExpected) {
      args.logger.warn(
        { primary },
        "the Sentinel monitors an address that is none of the expected nodes; it stays, for whom to monitor is the Sentinels' to change",
      );
    }
    return;
  }
  const startedMs = performance.now();
  let missing = "";
  let refused = false;
  while (!signal.aborted) {
    const { peers, sentinels } = await args.observe();
    const choice = choosePrimary({ topology: args.topology, nodes: peers, sentinels });
    if (choice.kind === "monitor") {
      await writeAtomically(path, renderSentinelFile(args.file, choice.primary), FILE_MODE);
      args.logger.info(
        { primary: choice.primary, reason: choice.reason },
        "the Sentinel's first file is written",
      );
      return;
    }
    if (choice.missing !== missing)
      args.logger.info({ missing: choice.missing }, "waiting to know the primary");
    missing = choice.missing;
    args.onWait(missing);
    const waitedSeconds = (performance.now() - startedMs) / 1000;
    if (!refused && waitedSeconds >= args.timeoutSeconds) {
      refused = true;
      args.logger.error(
        { missing, waitedSeconds: Math.round(waitedSeconds) },
        "this Sentinel cannot start: it will not guess whom to monitor. It keeps looking; see the refusals of the Redis pods' agents",
      );
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
