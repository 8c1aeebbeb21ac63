import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import type { JsonObject } from "../../local/plugins/rpc/json.ts";
import { settlePendingCreates } from "../../local/plugins/pendingCreates.ts";

/** Whether a stack's state tells of operations that began and were never reported finished. */
export function wasInterrupted(deployment: Deployment): boolean {
  const state: unknown = deployment.deployment;
  if (typeof state !== "object" || state === null || !("pending_operations" in state)) return false;
  return Array.isArray(state.pending_operations) && state.pending_operations.length > 0;
}

/**
 * Mends the state of a run that was killed. Without this the next run would create once more what the killed one had begun to
 * create, under new names, and leave the first ones behind. Objects that may exist are recorded as if they did; the
 * refresh finds out which of them really do.
 */
export async function recoverInterrupted(stack: Stack): Promise<void> {
  const exported = await stack.exportStack();
  if (!wasInterrupted(exported)) return;
  const { deployment } = settlePendingCreates(exported.deployment as JsonObject);
  await stack.importStack({ version: exported.version, deployment });
  await stack.refresh({ color: "never" });
}
