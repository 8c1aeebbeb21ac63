import { expect } from "chai";
import { settlePendingCreates } from "../../../local/plugins/pendingCreates.ts";

describe("creations that a killed engine left pending", () => {
  const object = (name: string, namespace?: string) => ({
    urn: `urn:${name}`,
    type: "kubernetes:core/v1:ConfigMap",
    inputs: { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
  });

  it("are recorded as resources where the object's address is known", () => {
    const { deployment, adopted, dropped } = settlePendingCreates({
      manifest: {},
      resources: [{ urn: "urn:stack" }],
      pending_operations: [
        { type: "creating", resource: object("a", "n") },
        { type: "creating", resource: object("b") },
      ],
    });
    expect([adopted, dropped]).to.deep.equal([["urn:a", "urn:b"], []]);
    expect(deployment).to.deep.equal({
      manifest: {},
      resources: [
        { urn: "urn:stack" },
        { ...object("a", "n"), id: "n/a", outputs: object("a", "n").inputs },
        { ...object("b"), id: "b", outputs: object("b").inputs },
      ],
    });
  });

  it("are dropped where starting over leaves nothing behind", () => {
    const resource = { urn: "urn:pw", type: "random:index/randomPassword:RandomPassword", inputs: {} };
    const { deployment, dropped } = settlePendingCreates({
      pending_operations: [
        { type: "creating", resource },
        { type: "updating", resource: object("a") },
      ],
    });
    expect(dropped).to.deep.equal(["urn:pw"]);
    expect(deployment).to.deep.equal({ resources: [] });
  });

  it("are no concern of a state without any", () => {
    const { deployment, adopted } = settlePendingCreates({ resources: [{ urn: "urn:x" }] });
    expect(deployment).to.deep.equal({ resources: [{ urn: "urn:x" }] });
    expect(adopted).to.deep.equal([]);
  });
});
