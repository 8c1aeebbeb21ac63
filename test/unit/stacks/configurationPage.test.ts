import { expect } from "chai";
import { committedConfigurationPage, renderConfigurationPage } from "../../../docs/generate.ts";
import { describeSchema, type SchemaNode } from "../../../stacks/configPaths.ts";

function* leaves(node: SchemaNode, path: string): Generator<readonly [path: string, node: SchemaNode]> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const name = path === "" ? key : `${path}.${key}`;
    if (child.properties === undefined) yield [name, child];
    else yield* leaves(child, name);
  }
}

describe("The configuration reference", () => {
  it("is what the schema says; refresh it with npx tsx docs/generate.ts", async () => {
    expect(committedConfigurationPage()).to.equal(await renderConfigurationPage());
  });

  it("names every value with its meaning and its allowed range", async () => {
    const page = await renderConfigurationPage();
    for (const [path, node] of leaves(describeSchema(), "")) {
      expect(page, path).to.contain(`\`${path}\``);
      expect(node.description, `description of ${path}`).to.be.a("string").with.length.above(5);
      expect(node.allowed, `allowed range of ${path}`).to.be.a("string");
    }
  });
});
