import { expect } from "chai";
import { nameFromUrn, typeFromUrn } from "../../../../local/plugins/rpc/requests.ts";

describe("a resource's URN", () => {
  it("gives the type without the parents' types", () => {
    const urn = "urn:pulumi:dev::sessiondb::sessiondb:index:Redis$kubernetes:core/v1:Secret::account";
    expect(typeFromUrn(urn)).to.equal("kubernetes:core/v1:Secret");
    expect(nameFromUrn(urn)).to.equal("account");
  });

  it("gives the whole name even when that holds the separator", () => {
    expect(nameFromUrn("urn:pulumi:dev::p::random:index/randomId:RandomId::a::b")).to.equal("a::b");
  });
});
