/** Every connection that the system needs, in one table: policies, the page in docs/ and the tests are made from it. Pure. */
import type { AppConfig } from "../../stacks/configSchema.ts";
import { AGENT_PORT, REDIS_PORT, SENTINEL_PORT } from "../../workers/shared/ports.ts";
import type { Component } from "../labels.ts";

/** Who opens a connection: a component, or pods of the namespaces that are let in. */
export type FlowSource = Component | "applications";
/** Who is connected to: a component, or the cluster's name servers. */
export type FlowTarget = Component | "dns";

/** One allowed kind of connection. */
export interface Flow {
  readonly from: FlowSource;
  readonly to: FlowTarget;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  /** What it is for. */
  readonly why: string;
  /** In which stacks it exists; everywhere if left out. */
  readonly when?: "sentinel mode" | "separate cache";
}

const DNS_PORT = 53;

function tcp(from: FlowSource, to: FlowTarget, port: number, why: string, when?: Flow["when"]): Flow {
  return { from, to, port, protocol: "TCP", why, ...(when === undefined ? {} : { when }) };
}

function names(from: FlowSource): Flow[] {
  const why = "find the Services by name";
  return [{ from, to: "dns", port: DNS_PORT, protocol: "UDP", why }, tcp(from, "dns", DNS_PORT, why)];
}

const SENTINEL_MODE = "sentinel mode";
const SEPARATE_CACHE = "separate cache";

/** The table. What is not in it is denied, in both directions. */
export const FLOWS: readonly Flow[] = [
  tcp("applications", "redis", REDIS_PORT, "sessions"),
  tcp("applications", "sentinel", SENTINEL_PORT, "ask who is primary", SENTINEL_MODE),
  tcp("applications", "cache", REDIS_PORT, "service cache", SEPARATE_CACHE),
  tcp("redis", "redis", REDIS_PORT, "replication, and the agents' look at their peers", SENTINEL_MODE),
  tcp("redis", "redis", AGENT_PORT, "agents compare what their nodes hold", SENTINEL_MODE),
  tcp("redis", "sentinel", SENTINEL_PORT, "agents ask whom the Sentinels call primary", SENTINEL_MODE),
  tcp("redis", "sentinel", AGENT_PORT, "agents ask whether a Sentinel was ever configured", SENTINEL_MODE),
  tcp("sentinel", "redis", REDIS_PORT, "watch, and fail over", SENTINEL_MODE),
  tcp("sentinel", "redis", AGENT_PORT, "find the primary at the first start", SENTINEL_MODE),
  tcp("sentinel", "sentinel", SENTINEL_PORT, "agree on failovers", SENTINEL_MODE),
  tcp("sentinel", "sentinel", AGENT_PORT, "find out whom the others watch at the first start", SENTINEL_MODE),
  tcp("cleanup", "redis", REDIS_PORT, "remove what is expired or orphaned"),
  tcp("cleanup", "sentinel", SENTINEL_PORT, "ask who is primary", SENTINEL_MODE),
  tcp("cleanup", "cache", REDIS_PORT, "trim the cache", SEPARATE_CACHE),
  ...names("cleanup"),
  tcp("backup", "redis", REDIS_PORT, "read a snapshot"),
  tcp("backup", "sentinel", SENTINEL_PORT, "find a replica to read from", SENTINEL_MODE),
  ...names("backup"),
];

/** The flows that a stack has. */
export function stackFlows(config: Pick<AppConfig, "mode" | "cache" | "backup">): Flow[] {
  return FLOWS.filter(({ when }) => {
    if (when === SENTINEL_MODE) return config.mode === "sentinel";
    if (when === SEPARATE_CACHE) return config.cache.mode === "separate";
    return true;
  }).filter(({ from }) => from !== "backup" || config.backup.enabled);
}

/** The components that have pods in a stack. */
export function stackComponents(config: Pick<AppConfig, "mode" | "cache" | "backup">): Component[] {
  const all: Component[] = ["redis", "sentinel", "cache", "cleanup", "backup"];
  return all.filter((component) => {
    if (component === "sentinel") return config.mode === "sentinel";
    if (component === "cache") return config.cache.mode === "separate";
    return component !== "backup" || config.backup.enabled;
  });
}

/** A Markdown table with columns of even width, as the formatter writes it. */
function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const [head = "", ...body] = rows.map((row) =>
    line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  );
  return [head, line(widths.map((width) => "-".repeat(width))), ...body];
}

/** The table as a Markdown page. */
export function renderFlowTable(): string {
  const rows = FLOWS.map(({ from, to, port, protocol, why, when }) => [
    from,
    to,
    `${protocol} ${port}`,
    when ?? "always",
    why,
  ]);
  return [
    "# Network",
    "",
    "<!-- Generated from components/network/flows.ts by test/golden/update.ts; do not edit. -->",
    "",
    "Everything that is not in this table is denied, in both directions, for every pod of the stack's namespace. `applications` are",
    "the pods of Namespaces with the label `sessiondb/access: <namespace of the stack>`, or with the labels that",
    "`sessiondb:network.clientNamespaceLabels` names.",
    "",
    ...markdownTable([["from", "to", "port", "when", "why"], ...rows]),
    "",
  ].join("\n");
}
