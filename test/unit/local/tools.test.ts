import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { LINKER_FLAGS, TOOL_GROUPS } from "../../../local/toolchain/tools.ts";

const MODULES = join(import.meta.dirname, "..", "..", "..", "local", "toolchain");

describe("the tools", () => {
  for (const group of TOOL_GROUPS) {
    it(`of group ${group.name} are pinned by its Go module`, async () => {
      const goMod = await readFile(join(MODULES, group.module, "go.mod"), "utf8");
      const listed = goMod.slice(goMod.indexOf("tool ("), goMod.indexOf(")", goMod.indexOf("tool (")));
      for (const tool of group.tools) expect(listed.split(/\s+/)).to.include(tool.goPackage);
    });
  }

  it("have names of their own", () => {
    const names = TOOL_GROUPS.flatMap((group) => group.tools.map((tool) => tool.name));
    expect(new Set(names).size).to.equal(names.length);
  });

  it("report the versions that the module pins", async () => {
    const goMod = await readFile(join(MODULES, "main", "go.mod"), "utf8");
    for (const [module, version] of [
      ["k8s.io/kubernetes", /gitVersion=(\S+)/],
      ["github.com/pulumi/pulumi/pkg/v3", /version\.Version=(\S+)/],
    ] as const) {
      const pinned = new RegExp(`${module.replaceAll(".", "\\.")} (v\\S+)`).exec(goMod)?.[1];
      expect(version.exec(LINKER_FLAGS)?.[1]).to.equal(pinned);
    }
  });
});
