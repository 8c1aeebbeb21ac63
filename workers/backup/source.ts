import type { Redis } from "ioredis";
import type { Address, Binding } from "../shared/binding.ts";
import type { Logger } from "../shared/logger.ts";
import { connectTo, show } from "../shared/redisConnection.ts";
import { SourceError } from "./errors/sourceError.ts";
import { parseNodeInfo, type NodeInfo } from "./nodeInfo.ts";
import { askForReplicas } from "./sentinelReplicas.ts";

/** The node that a backup is taken from, with a connection for watching it. */
export interface Source {
  readonly address: Address;
  readonly info: NodeInfo;
  /** Reads INFO again. */
  inspect(): Promise<NodeInfo>;
  /** Ends the connection. */
  close(): void;
}

/** A running watch over a source. */
export interface SourceWatch {
  /** Aborts when the node is no longer what it was. */
  readonly signal: AbortSignal;
  stop(): void;
}

const WATCH_INTERVAL_MS = 1_000;

/**
 * Picks the node: in sentinel mode the healthy replica with the most data, never the primary (there a backup
 * would show up among the replicas that Sentinel may promote); standalone, the only one there is.
 *
 * @throws SourceError naming each candidate and what is wrong with it
 */
export async function chooseSource(binding: Binding, logger: Logger): Promise<Source> {
  if (!binding.sentinel) return openSource(binding, binding);
  const views = await askForReplicas(binding.sentinel);
  const troubles = views
    .filter((view) => view.trouble !== undefined)
    .map((view) => `${show(view)}: ${view.trouble ?? ""}`);
  const healthy = views.filter((view) => view.trouble === undefined).sort((a, b) => b.offset - a.offset);
  for (const view of healthy) {
    try {
      const source = await openSource(view, binding);
      const trouble = unfitness(source.info);
      if (trouble === undefined) return source;
      source.close();
      troubles.push(`${show(view)}: ${trouble}`);
    } catch (err) {
      logger.warn({ err, address: show(view) }, "a replica is not usable; trying the next one");
      troubles.push(`${show(view)}: ${err instanceof Error ? err.message : String(err)}`);
    }
  }
  throw new SourceError(
    `no healthy replica of "${binding.sentinel.masterName}" to take a backup from; ` +
      (troubles.length === 0
        ? "the Sentinels know none"
        : `found\n${troubles.map((it) => `  - ${it}`).join("\n")}`),
  );
}

/** Looks at the node again and again, and calls the backup off when it restarts or changes its role. */
export function watchSource(source: Source, intervalMs = WATCH_INTERVAL_MS): SourceWatch {
  const controller = new AbortController();
  let running = true;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      assertUnchanged(source, await source.inspect());
    } catch (error) {
      // A watch that was stopped meanwhile has closed its connection itself.
      if (running) controller.abort(error);
      return;
    }
    schedule();
  };
  const schedule = (): void => {
    if (running) timer = setTimeout(() => void look(), intervalMs).unref();
  };
  schedule();
  return {
    signal: controller.signal,
    stop(): void {
      running = false;
      clearTimeout(timer);
    },
  };
}

/** @throws SourceError when the node restarted or changed its role since it was chosen */
export function assertUnchanged(source: Source, now: NodeInfo): void {
  const { info, address } = source;
  if (now.role !== info.role) {
    throw new SourceError(`${show(address)} became ${now.role} during the backup, which therefore ends`);
  }
  if (now.runId !== info.runId) throw new SourceError(`${show(address)} restarted during the backup`);
}

async function openSource(address: Address, binding: Binding): Promise<Source> {
  const { username, password } = binding;
  const redis = await connectTo(address, { username, password }, { connectionName: "sessiondb-backup" });
  try {
    const info = await readInfo(redis);
    return {
      address: { host: address.host, port: address.port },
      info,
      inspect: () => readInfo(redis),
      close: () => redis.disconnect(),
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

async function readInfo(redis: Redis): Promise<NodeInfo> {
  return parseNodeInfo(await redis.info());
}

function unfitness(info: NodeInfo): string | undefined {
  if (info.role !== "replica") return "is primary by now";
  if (info.loading) return "is loading its data";
  return info.linkUp ? undefined : "has no link to its primary";
}
