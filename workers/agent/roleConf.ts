import type { Decided } from "./situation.ts";
import type { Address } from "./topology.ts";
import type { Verdict } from "./verdict.ts";

/** A verdict that lets the node start. */
export type StartVerdict = Extract<Verdict, { kind: "primary" | "replica" }>;

/** Priority of a replica that may be promoted; equal on all nodes, so that only offsets decide. */
export const PROMOTABLE_PRIORITY = 100;

/**
 * The lines of redis.conf that a verdict adds. A replica starts with priority 0: the agent raises it once its
 * data may be promoted.
 */
export function renderRoleConf(requestId: string, verdict: StartVerdict, announce: Address): string {
  const lines = [
    requestLine(requestId),
    `# ${verdict.kind === "replica" && verdict.promotable ? "candidate" : verdict.kind}`,
    `replica-announce-ip ${announce.host}`,
    `replica-announce-port ${announce.port}`,
  ];
  if (verdict.kind === "replica") {
    lines.push("replica-priority 0", `replicaof ${verdict.of.host} ${verdict.of.port}`);
  }
  return `${lines.join("\n")}\n`;
}

/** What an earlier answer to this very request decided; null when the text answers another request or is damaged. */
export function decidedIn(text: string, requestId: string): Decided {
  const [first, second] = text.split("\n");
  if (first !== requestLine(requestId)) return null;
  const word = second?.slice(2);
  return word === "primary" || word === "candidate" || word === "replica" ? word : null;
}

/** The supervisor accepts only an answer whose first line is this. */
function requestLine(requestId: string): string {
  return `# request ${requestId}`;
}
