import { expect } from "chai";
import fc from "fast-check";
import { detailedDiff } from "../../../../local/plugins/rpc/detailedDiff.ts";
import { bag } from "../arbitraries.ts";

describe("a detailed diff", () => {
  it("names each changed leaf by its path", () => {
    const olds = { spec: { replicas: 1, ports: [{ port: 1 }, { port: 2 }], gone: true }, kept: "x" };
    const news = { spec: { replicas: 2, ports: [{ port: 1 }], fresh: {} }, kept: "x" };
    expect([...detailedDiff(olds, news)]).to.have.deep.members([
      ["spec.replicas", "UPDATE"],
      ["spec.ports[1]", "DELETE"],
      ["spec.gone", "DELETE"],
      ["spec.fresh", "ADD"],
    ]);
  });

  it("quotes keys that are no identifiers", () => {
    const diff = detailedDiff({}, { "a.b": 1 });
    expect([...diff.keys()]).to.deep.equal(['["a.b"]']);
    const labels = { metadata: { labels: { "app.kubernetes.io/name": "x" } } };
    expect([...detailedDiff({ metadata: { labels: {} } }, labels).keys()]).to.deep.equal([
      'metadata.labels["app.kubernetes.io/name"]',
    ]);
  });

  it("takes an object that became a text for a change of the whole", () => {
    expect([...detailedDiff({ a: { b: 1 } }, { a: "b" })]).to.deep.equal([["a", "UPDATE"]]);
  });

  it("leaves out the SDK's own keys", () => {
    expect(detailedDiff({ __defaults: [] }, { __defaults: ["x"], __internal: {} }).size).to.equal(0);
  });

  it("is empty for equal values and only for them, whichever way they are compared", () => {
    fc.assert(
      fc.property(bag, bag, (left, right) => {
        expect(detailedDiff(left, structuredClone(left)).size).to.equal(0);
        const [there, back] = [detailedDiff(left, right), detailedDiff(right, left)];
        expect([...there.keys()].sort()).to.deep.equal([...back.keys()].sort());
      }),
    );
  });
});
