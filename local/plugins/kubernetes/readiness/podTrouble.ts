import { isObject, listAt, numberAt, objectAt, stringAt, textEntries } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";

/** More lines than this hide the message instead of explaining it. */
const MAX_LINES = 6;

/** Label selector for the pods of a workload; undefined for objects without pods. */
export function podSelector(object: JsonObject): string | undefined {
  const labels = textEntries(object, "spec", "selector", "matchLabels");
  const selected: [string, string][] =
    labels.length === 0 && object.kind === "Job"
      ? [["batch.kubernetes.io/job-name", stringAt(object, "metadata", "name") ?? ""]]
      : labels;
  if (selected.length === 0) return undefined;
  return selected.map(([label, value]) => `${label}=${value}`).join(",");
}

/** Why pods are not running: what the scheduler said, and containers that wait or ended badly. */
export function podTrouble(pods: readonly JsonObject[]): string[] {
  return pods.flatMap((pod) => [...unscheduled(pod), ...containerTrouble(pod)]).slice(0, MAX_LINES);
}

function unscheduled(pod: JsonObject): string[] {
  return listAt(pod, "status", "conditions")
    .filter(isObject)
    .filter(({ type, status }) => type === "PodScheduled" && status === "False")
    .map((entry) => `${nameOf(pod)} is not scheduled: ${stringAt(entry, "message") ?? "no reason given"}`);
}

function containerTrouble(pod: JsonObject): string[] {
  const containers = [
    ...listAt(pod, "status", "initContainerStatuses"),
    ...listAt(pod, "status", "containerStatuses"),
  ];
  return containers.filter(isObject).flatMap((container) => {
    const name = `${nameOf(pod)}, container ${stringAt(container, "name") ?? "?"}`;
    const lastExit = numberAt(container, "lastState", "terminated", "exitCode");
    const before = lastExit === undefined ? "" : `, last exit code ${lastExit}`;
    const waitingState = objectAt(container, "state", "waiting");
    if (Object.keys(waitingState).length > 0) return [`${name}: ${describe(waitingState)}${before}`];
    const ended = objectAt(container, "state", "terminated");
    const exitCode = numberAt(ended, "exitCode") ?? 0;
    if (exitCode !== 0) return [`${name}: exit code ${exitCode}, ${describe(ended)}`];
    return container.ready === false && before !== "" ? [`${name}: not ready${before}`] : [];
  });
}

function describe(state: JsonObject): string {
  return [stringAt(state, "reason"), stringAt(state, "message")]
    .filter((part) => part !== undefined)
    .join(": ");
}

function nameOf(pod: JsonObject): string {
  return `pod ${stringAt(pod, "metadata", "name") ?? "?"}`;
}
