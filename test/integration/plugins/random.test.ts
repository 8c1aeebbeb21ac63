import * as random from "@pulumi/random";
import { expect } from "chai";
import { changes, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** Every kind of random value, drawn anew when the generation changes. */
function programFor(generation: string): () => Promise<Record<string, unknown>> {
  return () => {
    const keepers = { generation };
    const password = new random.RandomPassword("password", { length: 32, special: false, keepers });
    const text = new random.RandomString("text", { length: 8, upper: false, special: false, keepers });
    const id = new random.RandomId("id", { byteLength: 4, prefix: "db-", keepers });
    const uuid = new random.RandomUuid("uuid", { keepers });
    const integer = new random.RandomInteger("integer", { min: 1, max: 6, keepers });
    const bytes = new random.RandomBytes("bytes", { length: 16, keepers });
    return Promise.resolve({
      password: password.result,
      hash: password.bcryptHash,
      text: text.result,
      hex: id.hex,
      uuid: uuid.result,
      integer: integer.result,
      bytes: bytes.base64,
    });
  };
}

describe("the random stand-in", function () {
  this.timeout(60_000);
  let engine: Engine;

  before(async () => {
    engine = await makeEngine();
  });
  after(async () => engine.dispose());

  it("previews without drawing, draws once, and keeps the values", async () => {
    const stack = await engine.withProgram(programFor("1"));
    expect((await stack.preview()).changeSummary).to.deep.equal({ create: 7 });
    const first = await stack.up();
    expect(first.outputs.password?.value).to.match(/^[A-Za-z0-9]{32}$/);
    expect(first.outputs.text?.value).to.match(/^[a-z0-9]{8}$/);
    expect(first.outputs.hex?.value).to.match(/^db-[0-9a-f]{8}$/);
    expect(first.outputs.integer?.value).to.be.within(1, 6);
    const second = await stack.up();
    expect(changes(second.summary.resourceChanges)).to.deep.equal({});
    expect(changes((await stack.refresh()).summary.resourceChanges)).to.deep.equal({});
    expect(second.outputs).to.deep.equal(first.outputs);
  });

  it("keeps passwords, their hashes and bytes secret, in outputs and in the state file", async () => {
    const { outputs } = await (await engine.withProgram(programFor("1"))).up();
    const state = await engine.stateText();
    for (const name of ["password", "hash", "bytes"]) {
      expect(outputs[name]?.secret, name).to.equal(true);
      expect(state).not.to.include(String(outputs[name]?.value));
    }
    expect(outputs.text?.secret).to.equal(false);
  });

  it("draws anew when a keeper changes", async () => {
    const before = await (await engine.withProgram(programFor("1"))).up();
    const after = await (await engine.withProgram(programFor("2"))).up();
    expect(changes(after.summary.resourceChanges)).to.deep.equal({ replace: 6 });
    expect(after.outputs.password?.value).not.to.equal(before.outputs.password?.value);
  });

  it("destroys to nothing", async () => {
    const stack = await engine.withProgram(programFor("2"));
    expect((await stack.destroy()).summary.resourceChanges).to.deep.equal({ delete: 7 });
  });
});
