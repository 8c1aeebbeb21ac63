import { expect } from "chai";
import fc from "fast-check";
import { checkObject } from "../../../../local/plugins/kubernetes/check.ts";
import { isSecret, plain, secret, UNKNOWN } from "../../../../local/plugins/rpc/envelopes.ts";
import { objectAt, stringAt } from "../../../../local/plugins/rpc/json.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";
import type { Autonaming, CheckResult, ResourceRequest } from "../../../../local/plugins/rpc/plugin.ts";

const SEED = Uint8Array.from([0xde, 0xad, 0xbe, 0xef, 0x01]);

function request(type: string): ResourceRequest {
  const signal = new AbortController().signal;
  return {
    urn: "",
    name: "conf",
    type,
    id: "",
    timeoutSeconds: 0,
    preview: false,
    signal,
    say: () => undefined,
  };
}

async function check(
  news: JsonObject,
  { olds = {}, autonaming, type = "kubernetes:core/v1:ConfigMap" }: CheckOptions = {},
): Promise<CheckResult> {
  const input = { olds, news, randomSeed: SEED, ...(autonaming === undefined ? {} : { autonaming }) };
  return checkObject(request(type), input, (_version, kind) =>
    Promise.resolve(kind === "Namespace" ? undefined : "default-ns"),
  );
}

interface CheckOptions {
  readonly olds?: JsonObject;
  readonly autonaming?: Autonaming;
  readonly type?: string;
}

describe("the kubernetes stand-in's check", () => {
  it("makes a name from the resource's name and the engine's seed, and marks it as made up", async () => {
    const { inputs } = await check({});
    expect(inputs).to.deep.equal({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "conf-deadbeef",
        namespace: "default-ns",
        annotations: { "pulumi.com/autonamed": "true" },
      },
    });
  });

  it("keeps a name that it made up before, but not one that the program dropped", async () => {
    const made = { metadata: { name: "conf-1", annotations: { "pulumi.com/autonamed": "true" } } };
    expect(stringAt((await check({}, { olds: made })).inputs, "metadata", "name")).to.equal("conf-1");
    const explicit = { metadata: { name: "conf-1" } };
    expect(stringAt((await check({}, { olds: explicit })).inputs, "metadata", "name")).to.equal(
      "conf-deadbeef",
    );
  });

  it("leaves an explicit name and namespace alone", async () => {
    const metadata = { name: "x", namespace: "n" };
    expect((await check({ metadata })).inputs.metadata).to.deep.equal(metadata);
  });

  it("leaves a name that is not known yet to the update", async () => {
    const { inputs } = await check({ metadata: { name: UNKNOWN, namespace: UNKNOWN } });
    expect(inputs.metadata).to.deep.equal({ name: UNKNOWN, namespace: UNKNOWN });
  });

  it("follows the stack's naming rules", async () => {
    const proposed = await check({}, { autonaming: { mode: "propose", proposedName: "from-engine" } });
    expect(stringAt(proposed.inputs, "metadata", "name")).to.equal("from-engine");
    const disabled = await check({}, { autonaming: { mode: "disabled", proposedName: "" } });
    expect(disabled.failures?.map(({ property }) => property)).to.deep.equal(["metadata.name"]);
  });

  it("refuses generateName with a way out", async () => {
    const { failures } = await check({ metadata: { generateName: "x-" } });
    expect(failures).to.have.length(1);
    expect(failures?.[0]?.reason).to.include("metadata.name");
  });

  it("gives cluster-wide objects no namespace", async () => {
    const { inputs } = await check({}, { type: "kubernetes:core/v1:Namespace" });
    expect(objectAt(inputs, "metadata")).not.to.have.property("namespace");
  });

  it("folds a Secret's texts into its data and hides all of it", async () => {
    const type = "kubernetes:core/v1:Secret";
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[-.a-zA-Z0-9]{1,9}$/), fc.string(), { noNullPrototype: true }),
        async (stringData) => {
          const { inputs } = await check({ data: { kept: "a2VwdA==" }, stringData }, { type });
          expect(inputs).not.to.have.property("stringData");
          expect(isSecret(inputs.data)).to.equal(true);
          const data = plain(inputs.data ?? null);
          for (const [key, text] of Object.entries(stringData)) {
            expect(Buffer.from(stringAt(data, key) ?? "", "base64").toString()).to.equal(text);
          }
          if (!("kept" in stringData)) expect(stringAt(data, "kept")).to.equal("a2VwdA==");
        },
      ),
    );
  });

  it("keeps a Secret's texts apart, and hidden, while one of them is unknown", async () => {
    const stringData = { a: "1", b: secret(UNKNOWN) };
    const { inputs } = await check({ stringData }, { type: "kubernetes:core/v1:Secret" });
    expect(inputs.stringData).to.deep.equal(secret({ a: "1", b: UNKNOWN }));
  });
});
