import type { DatabaseCount } from "./manifest.ts";

/** What INFO says about a node, as far as a backup asks. */
export interface NodeInfo {
  readonly engine: { readonly name: string; readonly version: string };
  /** Identifies the process: another value means a restart. */
  readonly runId: string;
  readonly role: "primary" | "replica";
  readonly loading: boolean;
  /** Whether a replica's link to its primary is up; true for a primary. */
  readonly linkUp: boolean;
  readonly databases: readonly DatabaseCount[];
}

/** Reads the text of INFO (its sections server, persistence, replication and keyspace). */
export function parseNodeInfo(text: string): NodeInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const split = line.indexOf(":");
    if (split > 0 && !line.startsWith("#")) fields.set(line.slice(0, split), line.slice(split + 1));
  }
  const replica = fields.get("role") === "slave";
  const valkey = fields.get("valkey_version");
  return {
    engine:
      valkey === undefined
        ? { name: "redis", version: fields.get("redis_version") ?? "unknown" }
        : { name: "valkey", version: valkey },
    runId: fields.get("run_id") ?? "",
    role: replica ? "replica" : "primary",
    loading: fields.get("loading") === "1" || fields.get("async_loading") === "1",
    linkUp: !replica || fields.get("master_link_status") === "up",
    databases: parseKeyspace(fields),
  };
}

function parseKeyspace(fields: ReadonlyMap<string, string>): DatabaseCount[] {
  const databases: DatabaseCount[] = [];
  for (const [name, value] of fields) {
    const index = /^db(\d+)$/.exec(name)?.[1];
    const counts = /^keys=(\d+),expires=(\d+)/.exec(value);
    if (index === undefined || counts === null) continue;
    databases.push({ index: Number(index), keys: Number(counts[1]), expiring: Number(counts[2]) });
  }
  return databases.sort((a, b) => a.index - b.index);
}
