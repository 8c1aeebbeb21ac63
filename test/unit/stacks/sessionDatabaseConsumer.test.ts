import { expect } from "chai";
import { at, deploy, isSecretEnvelope, resolve, type Deployment } from "../../helpers/pulumi.ts";
import { deployStack } from "../../helpers/stacks.ts";

const STACKS = ["dev", "staging"] as const;

/** Runs the program in examples/consumer against the outputs that a committed stack really has. */
async function consume(stack: (typeof STACKS)[number]): Promise<Deployment<unknown>> {
  const { result } = await deployStack(stack);
  const outputs = {
    namespace: await resolve(result.namespace),
    connections: await resolve(result.connections),
  };
  const name = `acme/sessiondb/${stack}`;
  // The query makes it a module of its own, for a program runs when it is imported.
  const program = `../../../examples/consumer/index.ts?${stack}`;
  return deploy(() => import(program), {
    config: { "sessiondb:sessiondb": name },
    stacks: { [name]: { outputs, secretOutputs: ["connections"] } },
  });
}

describe("the consumer in examples/", () => {
  for (const stack of STACKS) {
    it(`is let in by ${stack} and has the same binding as the account's own Secret, kept secret`, async () => {
      const { find } = await consume(stack);
      const shop = find("Namespace", "shop");
      expect(at(shop.inputs, "metadata", "labels", "sessiondb/access")).to.equal(`sessiondb-${stack}`);
      const { inputs } = find("Secret", "shop-sessions");
      const own = (await deployStack(stack)).find("Secret", "account-app");
      expect(at(inputs, "stringData")).to.deep.equal(at(own.inputs, "stringData"));
      expect(isSecretEnvelope(inputs.stringData)).to.equal(true);
    });
  }
});
