import { compareSync } from "bcryptjs";
import { expect } from "chai";
import { markSecrets, previewOutputs, randomKind } from "../../../../local/plugins/random/generators.ts";
import { isSecret, UNKNOWN } from "../../../../local/plugins/rpc/envelopes.ts";
import { stringAt } from "../../../../local/plugins/rpc/json.ts";

describe("random resources", () => {
  it("of a password show an id that tells nothing and a hash that fits the password", () => {
    const { id, properties } = randomKind("random:index/randomPassword:RandomPassword").generate({
      length: 20,
    });
    expect(id).to.equal("none");
    const [result, hash] = [stringAt(properties, "result") ?? "", stringAt(properties, "bcryptHash") ?? ""];
    expect(compareSync(result, hash)).to.equal(true);
  });

  it("of an id say the same bytes in each notation", () => {
    const { id, properties } = randomKind("random:index/randomId:RandomId").generate({
      byteLength: 8,
      prefix: "p-",
    });
    const hex = stringAt(properties, "hex")?.replace("p-", "") ?? "";
    const bytes = Buffer.from(hex, "hex");
    expect(bytes).to.have.length(8);
    expect(properties).to.include({
      b64Url: `p-${bytes.toString("base64url")}`,
      b64Std: `p-${bytes.toString("base64")}`,
      dec: `p-${BigInt(`0x${hex}`)}`,
    });
    expect(id).to.equal(bytes.toString("base64url"));
  });

  it("of an integer include both bounds", () => {
    const kind = randomKind("random:index/randomInteger:RandomInteger");
    const drawn = new Set(
      Array.from({ length: 100 }, () => kind.generate({ min: 1, max: 2 }).properties.result),
    );
    expect([...drawn].sort()).to.deep.equal([1, 2]);
    expect(() => kind.generate({ min: 2, max: 1 })).to.throw(/min is 2 and max is 1/);
  });

  it("show nothing drawn in a preview", () => {
    const kind = randomKind("random:index/randomPassword:RandomPassword");
    const outputs = previewOutputs(kind, { length: 20 });
    expect(isSecret(outputs.result) && outputs.result.value).to.equal(UNKNOWN);
    expect(outputs.length).to.equal(20);
  });

  it("of passwords and bytes have secret values, of the others open ones", () => {
    const secretOf = (type: string) =>
      Object.entries(markSecrets(randomKind(type), { result: "r", bcryptHash: "h", base64: "b", hex: "x" }))
        .filter(([, value]) => isSecret(value))
        .map(([name]) => name);
    expect(secretOf("random:index/randomPassword:RandomPassword")).to.deep.equal(["result", "bcryptHash"]);
    expect(secretOf("random:index/randomBytes:RandomBytes")).to.deep.equal(["base64", "hex"]);
    expect(secretOf("random:index/randomString:RandomString")).to.deep.equal([]);
  });

  it("of unknown types are refused by name", () => {
    expect(() => randomKind("random:index/randomPet:RandomPet")).to.throw(/randomPet.*install the real/i);
  });
});
