import { expect } from "chai";
import { ownCluster } from "../../../cli/stack/target.ts";

describe("the operator's own cluster", () => {
  it("is meant when a context is named", () => {
    expect(ownCluster({ context: "prod" }, {})).to.equal(true);
  });

  it("is meant when KUBECONFIG is set", () => {
    expect(ownCluster({}, { KUBECONFIG: "/k" })).to.equal(true);
  });

  it("is not meant by an empty KUBECONFIG or by nothing", () => {
    expect(ownCluster({}, { KUBECONFIG: "" })).to.equal(false);
    expect(ownCluster({}, {})).to.equal(false);
  });
});
