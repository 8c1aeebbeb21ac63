import { booleanAt, numberAt, stringAt } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";
import { condition, isObserved } from "../objects.ts";
import { failed, READY, waiting } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

const UNSEEN = waiting("the controller has not seen the newest version yet");

/** All replicas are of the newest version and available, and no older ones are left. */
export function deploymentVerdict(object: JsonObject): Verdict {
  const wanted = numberAt(object, "spec", "replicas") ?? 1;
  if (!isObserved(object)) return UNSEEN;
  const progressing = condition(object, "Progressing");
  if (progressing?.status === "False") return failed(reasonOf(progressing));
  const [total, updated, available] = counts(object, "replicas", "updatedReplicas", "availableReplicas");
  if (total === wanted && updated === wanted && available === wanted) return READY;
  return waiting(`${available} of ${wanted} replicas available, ${updated} updated, ${total} in all`);
}

/** All replicas are ready, and rolled to the newest version unless the strategy leaves that to someone else. */
export function statefulSetVerdict(object: JsonObject): Verdict {
  const wanted = numberAt(object, "spec", "replicas") ?? 1;
  if (!isObserved(object)) return UNSEEN;
  const [total, updated, ready] = counts(object, "replicas", "updatedReplicas", "readyReplicas");
  if (total === wanted && ready === wanted && (wanted === 0 || isRolled(object, wanted))) return READY;
  return waiting(`${ready} of ${wanted} replicas ready, ${updated} updated, ${total} in all`);
}

function isRolled(object: JsonObject, wanted: number): boolean {
  const strategy = ["spec", "updateStrategy"] as const;
  if (stringAt(object, ...strategy, "type") === "OnDelete") return true;
  if ((numberAt(object, ...strategy, "rollingUpdate", "partition") ?? 0) > 0) return true;
  const [current, update] = ["currentRevision", "updateRevision"].map((field) =>
    stringAt(object, "status", field),
  );
  return current === update && (numberAt(object, "status", "updatedReplicas") ?? wanted) === wanted;
}

/** Every node that should run the pod has an available one of the newest version. */
export function daemonSetVerdict(object: JsonObject): Verdict {
  if (!isObserved(object)) return UNSEEN;
  const [wanted, available, updated] = counts(
    object,
    "desiredNumberScheduled",
    "numberAvailable",
    "updatedNumberScheduled",
  );
  if (available === wanted && (updated === wanted || isOnDelete(object))) return READY;
  return waiting(`${available} of ${wanted} nodes have an available pod, ${updated} an updated one`);
}

function isOnDelete(object: JsonObject): boolean {
  return stringAt(object, "spec", "updateStrategy", "type") === "OnDelete";
}

/** The job completed; a suspended one counts as done since nothing will happen. */
export function jobVerdict(object: JsonObject): Verdict {
  if (booleanAt(object, "spec", "suspend") === true) return READY;
  if (condition(object, "Complete")?.status === "True") return READY;
  const failure = condition(object, "Failed");
  if (failure?.status === "True") return failed(`the job failed: ${reasonOf(failure)}`);
  const [active, failures] = counts(object, "active", "failed");
  return waiting(`the job has ${active} active and ${failures} failed pods`);
}

/** The pod is ready, or has ended well. */
export function podVerdict(object: JsonObject): Verdict {
  const phase = stringAt(object, "status", "phase") ?? "not scheduled";
  if (phase === "Succeeded" || condition(object, "Ready")?.status === "True") return READY;
  if (phase !== "Failed") return waiting(`the pod is ${phase}`);
  const why =
    stringAt(object, "status", "message") ?? stringAt(object, "status", "reason") ?? "no reason given";
  return failed(`the pod failed: ${why}`);
}

function counts(object: JsonObject, ...fields: readonly string[]): [number, number, number] {
  const [first = 0, second = 0, third = 0] = fields.map((field) => numberAt(object, "status", field) ?? 0);
  return [first, second, third];
}

function reasonOf(entry: JsonObject): string {
  return `${stringAt(entry, "reason") ?? "no reason"}: ${stringAt(entry, "message") ?? "no message"}`;
}
