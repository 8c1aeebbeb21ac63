import { Metadata, status } from "@grpc/grpc-js";
import type { StatusObject } from "@grpc/grpc-js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import { ResourceInitFailedError } from "./resourceInitFailedError.ts";
import { toStruct } from "./structs.ts";

/** Where gRPC carries a status with typed details. */
const DETAILS_HEADER = "grpc-status-details-bin";

/** The answer for a failed call; a half-made resource travels along in the details. */
export function toRpcStatus(error: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? messageChain(error) : String(error);
  const answer = { code: status.UNKNOWN, details: message };
  if (!(error instanceof ResourceInitFailedError)) return answer;
  const metadata = new Metadata();
  metadata.add(DETAILS_HEADER, Buffer.from(initFailedStatus(error).serializeBinary()));
  return { ...answer, metadata };
}

function initFailedStatus(error: ResourceInitFailedError): statusPb.Status {
  const detail = new providerPb.ErrorResourceInitFailed();
  detail.setId(error.state.id);
  detail.setProperties(toStruct(error.state.properties));
  detail.setInputs(toStruct(error.state.inputs));
  detail.setReasonsList([...error.state.reasons]);
  const packed = new anyPb.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new statusPb.Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(error.message);
  answer.addDetails(packed);
  return answer;
}

/** The message with those of its causes that say something new. */
function messageChain(error: Error): string {
  const parts = [error.message];
  let cause = error.cause;
  while (cause instanceof Error && parts.length < 5) {
    const inner = cause.message;
    if (!parts.some((part) => part.includes(inner))) parts.push(inner);
    cause = cause.cause;
  }
  return parts.join(": ");
}
