import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
  accountPasswords,
  passwordFromSecret,
  passwordHash,
  type AccountPasswords,
} from "../../../../components/credentials/passwords.ts";
import { testConfig } from "../../../helpers/config.ts";
import { at, deploy, isSecretOutput, resolve, type Deployment } from "../../../helpers/pulumi.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function deployPasswords(credentials: Record<string, unknown> = {}): Promise<Deployment<AccountPasswords>> {
  const config = testConfig({ credentials });
  const existing = { "sessiondb-test/team-app": { data: { password: base64("from-the-vault-1234") } } };
  return deploy(
    () =>
      accountPasswords(
        "sessiondb",
        config,
        "app",
        new pulumi.ComponentResource("sessiondb:index:Holder", "sessiondb"),
      ),
    { existing },
  );
}

describe("an account's passwords", () => {
  it("are two, of 48 letters and digits, which need no quoting anywhere", async () => {
    const slots = (await deployPasswords()).ofType("RandomPassword");
    expect(slots.map(({ name }) => name)).to.deep.equal(["sessiondb-app-a", "sessiondb-app-b"]);
    for (const { inputs } of slots) expect(inputs).to.include({ length: 48, special: false });
  });

  it("are secret, and so are their hashes", async () => {
    const { result } = await deployPasswords();
    expect(await isSecretOutput(result.active)).to.equal(true);
    expect(await isSecretOutput(result.hashes)).to.equal(true);
  });

  it("accept only the active slot", async () => {
    const { result } = await deployPasswords();
    expect(await resolve(result.hashes)).to.deep.equal([passwordHash(await resolve(result.active))]);
  });

  it("switch to the other slot, which exists already", async () => {
    const [a, b] = [await deployPasswords(), await deployPasswords({ activeSlot: "b" })];
    expect(await resolve(b.result.active)).not.to.equal(await resolve(a.result.active));
    expect(b.ofType("RandomPassword").map(({ name }) => name)).to.deep.equal(
      a.ofType("RandomPassword").map(({ name }) => name),
    );
  });

  it("accept both slots while a rotation is under way", async () => {
    const [a, b] = [
      await deployPasswords({ acceptBothSlots: true }),
      await deployPasswords({ acceptBothSlots: true, activeSlot: "b" }),
    ];
    const hashes = await resolve(a.result.hashes);
    expect(hashes).to.deep.equal([
      passwordHash(await resolve(a.result.active)),
      passwordHash(await resolve(b.result.active)),
    ]);
  });

  it("come from a Secret of the operator's own where one is named, and none is generated then", async () => {
    const deployment = await deployPasswords({ existingSecrets: { app: "team-app" } });
    expect(deployment.ofType("RandomPassword")).to.deep.equal([]);
    expect(at(deployment.find("Secret", "sessiondb-app-existing").inputs, "id")).to.equal(
      "sessiondb-test/team-app",
    );
    expect(await resolve(deployment.result.active)).to.equal("from-the-vault-1234");
    expect(await isSecretOutput(deployment.result.active)).to.equal(true);
    expect(await resolve(deployment.result.hashes)).to.deep.equal([passwordHash("from-the-vault-1234")]);
  });

  it("are hashed the way Redis compares them", () => {
    expect(passwordHash("x")).to.equal(createHash("sha256").update("x").digest("hex"));
  });
});

describe("a password from a Secret", () => {
  it("is taken as it is, with a user name that fits or with none", () => {
    const password = base64("Abc123!$%()*+,-./:;<=>?@[]^_`{|}~");
    expect(passwordFromSecret("app", "mine", { password })).to.equal("Abc123!$%()*+,-./:;<=>?@[]^_`{|}~");
    expect(passwordFromSecret("app", "mine", { password, username: base64("app") })).to.have.lengthOf(33);
  });

  it("is refused when there is none, with the way out", () => {
    const empty: readonly (Record<string, string> | undefined)[] = [undefined, {}, { password: "" }];
    for (const data of empty) {
      expect(() => passwordFromSecret("app", "mine", data)).to.throw(
        /^Secret mine, given for account app, has no key "password"\. Add it, or remove app from sessiondb:credentials\.existingSecrets/,
      );
    }
  });

  for (const [what, password] of [
    ["white space", "with space"],
    ["a line break", "line\n"],
    ["a double quote", 'quo"te'],
    ["a single quote", "quo'te"],
    ["a backslash", "back\\slash"],
    ["a number sign", "#hash"],
    ["letters beyond ASCII", "pässword"],
  ] as const) {
    it(`is refused with ${what}, without being shown`, () => {
      const attempt = (): string => passwordFromSecret("app", "mine", { password: base64(password) });
      expect(attempt).to.throw(/password in Secret mine, given for account app, holds white space, quotes/);
      expect(attempt).not.to.throw(password);
    });
  }

  it("is refused when the Secret belongs to another user", () => {
    const data = { password: base64("fine"), username: base64("default") };
    expect(() => passwordFromSecret("app", "mine", data)).to.throw(
      'Secret mine is for user "default", expected "app"',
    );
  });
});
