import { status } from "@grpc/grpc-js";
import type { Metadata } from "@grpc/grpc-js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import { expect } from "chai";
import { secret } from "../../../../local/plugins/rpc/envelopes.ts";
import { ResourceInitFailedError } from "../../../../local/plugins/rpc/resourceInitFailedError.ts";
import { toRpcStatus } from "../../../../local/plugins/rpc/rpcStatus.ts";
import { fromStruct } from "../../../../local/plugins/rpc/structs.ts";

describe("a failed call's answer", () => {
  it("tells what went wrong together with its causes, each once", () => {
    const error = new Error("cannot apply", {
      cause: new Error("no answer", { cause: new Error("cannot apply") }),
    });
    expect(toRpcStatus(error)).to.deep.equal({ code: status.UNKNOWN, details: "cannot apply: no answer" });
    expect(toRpcStatus("text")).to.deep.equal({ code: status.UNKNOWN, details: "text" });
  });

  it("carries a half-made resource with its secrets still wrapped", () => {
    const properties = { data: secret({ password: "cGFzcw==" }) };
    const error = new ResourceInitFailedError({
      id: "ns/x",
      properties,
      inputs: { a: 1 },
      reasons: ["not ready"],
    });
    const answer = toRpcStatus(error);
    const detail = decode(answer.metadata);
    expect(detail.getId()).to.equal("ns/x");
    expect(detail.getReasonsList()).to.deep.equal(["not ready"]);
    expect(fromStruct(detail.getProperties())).to.deep.equal(properties);
    expect(fromStruct(detail.getInputs())).to.deep.equal({ a: 1 });
  });
});

function decode(metadata: Metadata | undefined): providerPb.ErrorResourceInitFailed {
  const [header] = metadata?.get("grpc-status-details-bin") ?? [];
  if (!Buffer.isBuffer(header)) throw new Error("the answer has no details");
  const [detail] = statusPb.Status.deserializeBinary(header).getDetailsList();
  const value = detail?.getValue_asU8();
  if (value === undefined) throw new Error("the details are empty");
  return providerPb.ErrorResourceInitFailed.deserializeBinary(value);
}
