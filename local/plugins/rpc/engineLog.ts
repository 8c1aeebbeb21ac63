import { credentials } from "@grpc/grpc-js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { Severity } from "./plugin.ts";

/** Shows messages through the engine that started the plugin. */
export type EngineLog = (message: string, severity: Severity, urn?: string) => void;

/**
 * Connects to the engine's log. Without an address (a plugin started by hand) messages go nowhere: stdout
 * belongs to the handshake.
 */
export function connectEngineLog(address: string | undefined): EngineLog {
  if (address === undefined || address === "") return () => undefined;
  const engine = new engineServices.EngineClient(address, credentials.createInsecure());
  return (message, severity, urn) => {
    const request = new enginePb.LogRequest();
    request.setSeverity(severity === "warning" ? enginePb.LogSeverity.WARNING : enginePb.LogSeverity.INFO);
    request.setMessage(message);
    request.setUrn(urn ?? "");
    request.setEphemeral(severity === "info");
    // A lost progress message is no reason to fail the step it is about.
    engine.log(request, () => undefined);
  };
}
