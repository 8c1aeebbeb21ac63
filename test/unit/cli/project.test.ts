import { expect } from "chai";
import { encryptedKeys, readStackFile } from "../../../cli/stack/project.ts";
import { UsageError } from "../../../cli/support/errors.ts";

async function refusal(stack: string): Promise<Error> {
  return readStackFile(stack).then(
    () => new Error("it was accepted"),
    (error: unknown) => error as Error,
  );
}

describe("readStackFile", () => {
  for (const stack of ["dev", "staging", "prod"]) {
    it(`reads the committed file of ${stack}`, async () => {
      expect(Object.keys((await readStackFile(stack)).config)).to.include("sessiondb:redis");
    });
  }

  it("names the file that is missing and the stacks that exist", async () => {
    const error = await refusal("qa");
    expect(error).to.be.instanceOf(UsageError);
    expect(error.message).to.include("Pulumi.qa.yaml").and.to.include("dev, staging and prod");
  });

  it("refuses a name that is a path", async () => {
    expect((await refusal("../dev")).message).to.include('"../dev" is not a stack name');
  });

  it("finds the values that are encrypted", () => {
    const config = {
      "sessiondb:mode": "standalone",
      "sessiondb:registryPassword": { secure: "v1:x" },
      "sessiondb:redis": {},
    };
    expect(encryptedKeys(config)).to.deep.equal(["sessiondb:registryPassword"]);
  });
});
