import { z } from "zod";
import type { PeerView } from "./situation.ts";
import type { Member } from "./topology.ts";

/** Path under which an agent tells its peers what it knows about its node; holds no secrets. */
export const STATE_PATH = "/state";

const history = z.object({
  replicationId: z.string(),
  offset: z.number(),
  superseded: z.array(z.string()),
  complete: z.boolean(),
});
const volume = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("empty") }),
  z.object({
    kind: z.literal("data"),
    history: history.nullable(),
    bytes: z.number(),
    modifiedMs: z.number(),
  }),
]);
const schema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("stopped"),
    volume,
    decided: z.enum(["primary", "candidate", "replica"]).nullable(),
  }),
  z.object({
    kind: z.literal("running"),
    role: z.enum(["primary", "replica"]),
    loading: z.boolean(),
    promotable: z.boolean(),
    volume,
  }),
  /** The agent cannot say: its Redis hangs or its volume cannot be read. */
  z.object({ kind: z.literal("unreachable"), detail: z.string() }),
  /** A Sentinel pod that has no configuration yet. */
  z.object({ kind: z.literal("unconfigured") }),
]);

/** What an agent answers: its node as others are to see it, or `unconfigured` from a new Sentinel pod. */
export type StateMessage = PeerView | { readonly kind: "unconfigured" };

/** Where a member's agent serves its state. An IPv6 host stands in brackets, or its colons would be taken for the port's. */
export function stateUrl({ host, agentPort }: Pick<Member, "host" | "agentPort">): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${agentPort}${STATE_PATH}`;
}

/**
 * Parses the body of an agent's state answer.
 * @throws {Error} when it is anything else
 */
export function parseStateMessage(text: string): StateMessage {
  return schema.parse(JSON.parse(text));
}
