import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import type { EngineLog } from "./engineLog.ts";
import type { Autonaming, CheckInput, ResourceRequest } from "./plugin.ts";
import { fromStruct } from "./structs.ts";

/** The parts of a request message that only some calls have. */
export interface RequestFacts {
  readonly urn: string;
  readonly id?: string;
  readonly timeoutSeconds?: number;
  readonly preview?: boolean;
}

/** The name a program gave a resource: what follows the type in its URN, which may hold `::` itself. */
export function nameFromUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The type token in a URN, without its parents' types. */
export function typeFromUrn(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.split("$").at(-1) ?? types;
}

/** Builds what a plugin sees of a request. */
export function resourceRequest(facts: RequestFacts, log: EngineLog, signal: AbortSignal): ResourceRequest {
  return {
    urn: facts.urn,
    name: nameFromUrn(facts.urn),
    type: typeFromUrn(facts.urn),
    id: facts.id ?? "",
    timeoutSeconds: facts.timeoutSeconds ?? 0,
    preview: facts.preview ?? false,
    signal,
    say: (message, severity = "info") => log(message, severity, facts.urn),
  };
}

/** Reads a check request. */
export function checkInput(message: providerPb.CheckRequest): CheckInput {
  const autonaming = message.getAutonaming();
  return {
    olds: fromStruct(message.getOlds()),
    news: fromStruct(message.getNews()),
    randomSeed: message.getRandomseed_asU8(),
    ...(autonaming === undefined
      ? {}
      : { autonaming: { mode: mode(autonaming.getMode()), proposedName: autonaming.getProposedName() } }),
  };
}

function mode(value: providerPb.CheckRequest.AutonamingOptions.Mode): Autonaming["mode"] {
  const modes = providerPb.CheckRequest.AutonamingOptions.Mode;
  if (value === modes.ENFORCE) return "enforce";
  return value === modes.DISABLE ? "disabled" : "propose";
}
