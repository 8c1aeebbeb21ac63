import { stringAt } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";
import { failed, READY, waiting } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * A claim is bound, or will only be once a pod uses it.
 *
 * @param storageClass the claim's class, where it exists
 */
export function claimVerdict(claim: JsonObject, storageClass: JsonObject | undefined): Verdict {
  const phase = stringAt(claim, "status", "phase") ?? "new";
  if (phase === "Bound") return READY;
  if (phase === "Lost") return failed("the claim lost its volume");
  if (stringAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer") return READY;
  const className = stringAt(claim, "spec", "storageClassName");
  const detail =
    className === undefined
      ? "no storage class (is there a default one?)"
      : storageClass === undefined
        ? `storage class "${className}", which does not exist`
        : `storage class "${className}"`;
  return waiting(`the claim is ${phase}, with ${detail}`);
}
