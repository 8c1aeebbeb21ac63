import type { Address, SentinelBinding } from "../shared/binding.ts";
import { connectTo, show } from "../shared/redisConnection.ts";
import { SourceError } from "./errors/sourceError.ts";

/** A replica as a Sentinel sees it. */
export interface ReplicaView extends Address {
  readonly offset: number;
  /** Why the Sentinel takes it for unfit; undefined for a healthy one. */
  readonly trouble: string | undefined;
}

const TROUBLE_FLAGS = new Set(["s_down", "o_down", "disconnected", "failover_in_progress", "master"]);
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Asks the Sentinels, one after the other until one answers, for the replicas that it knows.
 *
 * @throws SourceError when no Sentinel answers
 */
export async function askForReplicas(sentinel: SentinelBinding): Promise<ReplicaView[]> {
  const failures: string[] = [];
  for (const address of sentinel.addresses) {
    try {
      const redis = await connectTo(address, sentinel, {
        connectionName: "sessiondb-backup",
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        commandTimeoutMs: CONNECT_TIMEOUT_MS,
      });
      try {
        return parseReplicas(await redis.call("SENTINEL", "REPLICAS", sentinel.masterName));
      } finally {
        redis.disconnect();
      }
    } catch (error) {
      failures.push(`${show(address)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new SourceError(
    `no Sentinel told the replicas of "${sentinel.masterName}"; tried\n${failures.map((it) => `  - ${it}`).join("\n")}`,
  );
}

/** Reads the reply of SENTINEL REPLICAS: a list of flat name-value lists. */
export function parseReplicas(reply: unknown): ReplicaView[] {
  if (!Array.isArray(reply)) return [];
  return (reply as unknown[]).filter(Array.isArray).map((flat) => {
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < flat.length; at += 2) fields.set(String(flat[at]), String(flat[at + 1]));
    return {
      host: fields.get("ip") ?? "",
      port: Number(fields.get("port")),
      offset: Number(fields.get("slave-repl-offset") ?? 0),
      trouble: troubleOf(fields),
    };
  });
}

function troubleOf(fields: ReadonlyMap<string, string>): string | undefined {
  const flag = (fields.get("flags") ?? "").split(",").find((name) => TROUBLE_FLAGS.has(name));
  if (flag !== undefined) return `flagged ${flag}`;
  const link = fields.get("master-link-status");
  return link === "ok" ? undefined : `link to its primary is ${link ?? "unknown"}`;
}
