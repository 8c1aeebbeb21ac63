import { expect } from "chai";
import fc from "fast-check";
import { driftedInputs, importedInputs } from "../../../../local/plugins/kubernetes/drift.ts";
import { bag } from "../arbitraries.ts";

describe("drift", () => {
  it("is never reported while the live object is as recorded, however the inputs were written", () => {
    fc.assert(
      fc.property(bag, bag, (inputs, recorded) => {
        expect(driftedInputs(inputs, recorded, structuredClone(recorded))).to.deep.equal(inputs);
      }),
    );
  });

  it("ignores what the API server rewrote and takes what someone changed", () => {
    const inputs = { spec: { cpu: "2000m", memory: "1Gi", list: [{ a: 1 }, { a: 2 }] } };
    const recorded = {
      spec: {
        cpu: "2",
        memory: "1Gi",
        extra: true,
        list: [
          { a: 1, d: 0 },
          { a: 2, d: 0 },
        ],
      },
    };
    const live = {
      spec: {
        cpu: "2",
        memory: "2Gi",
        extra: false,
        list: [
          { a: 1, d: 0 },
          { a: 3, d: 0 },
        ],
      },
    };
    expect(driftedInputs(inputs, recorded, live)).to.deep.equal({
      spec: { cpu: "2000m", memory: "2Gi", list: [{ a: 1 }, { a: 3 }] },
    });
  });

  it("drops what was removed and takes a list of another length as it is", () => {
    const inputs = { a: 1, list: [1, 2] };
    expect(driftedInputs(inputs, { a: 1, list: [1, 2] }, { list: [1] })).to.deep.equal({ list: [1] });
  });

  it("describes an imported object the way a program would", () => {
    const live = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "x", namespace: "n", uid: "u", resourceVersion: "1", labels: { a: "b" } },
      data: { k: "v" },
      status: {},
    };
    expect(importedInputs(live)).to.deep.equal({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "x", namespace: "n", labels: { a: "b" } },
      data: { k: "v" },
    });
  });
});
