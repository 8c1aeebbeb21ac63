import { stringAt } from "../../rpc/json.ts";
import type { JsonObject } from "../../rpc/json.ts";
import { condition } from "../objects.ts";
import { failed, READY, waiting } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** The namespace is active. */
export function namespaceVerdict(object: JsonObject): Verdict {
  const phase = stringAt(object, "status", "phase");
  return phase === "Active" ? READY : waiting(`the namespace is ${phase ?? "new"}`);
}

/** The API serves the new kind. */
export function definitionVerdict(object: JsonObject): Verdict {
  const names = condition(object, "NamesAccepted");
  if (names?.status === "False")
    return failed(`the names are taken: ${stringAt(names, "message") ?? "no message"}`);
  return condition(object, "Established")?.status === "True"
    ? READY
    : waiting("the definition is not established yet");
}
