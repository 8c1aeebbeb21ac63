import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { deploy } from "../helpers/pulumi.ts";
import { deployStack, STACKS } from "../helpers/stacks.ts";
import { renderDump } from "./dump.ts";

describe("the dump of every resource", () => {
  for (const stack of STACKS) {
    it(`of ${stack} is the committed one (refresh: node --import tsx test/golden/update.ts)`, async () => {
      const { resources } = await deployStack(stack);
      const committed = await readFile(join(import.meta.dirname, `${stack}.json`), "utf8");
      expect(JSON.parse(renderDump(resources))).to.deep.equal(JSON.parse(committed));
      expect(renderDump(resources)).to.equal(committed);
    });
  }

  it("is the same however the registrations were ordered", async () => {
    const { resources } = await deployStack("dev");
    expect(renderDump([...resources].reverse())).to.equal(renderDump(resources));
  });

  it("shows that there is a secret, but not which", async () => {
    class Holder extends pulumi.ComponentResource {
      constructor() {
        super("sessiondb:index:Holder", "holder", { password: pulumi.secret("hunter2-hunter2") });
        this.registerOutputs({});
      }
    }
    const { resources } = await deploy(() => new Holder());
    expect(renderDump(resources)).to.include('"password": "[secret]"').and.not.to.include("hunter2");
  });
});
