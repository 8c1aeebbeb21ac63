import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { FLOWS, renderFlowTable, stackComponents, stackFlows } from "../../../../components/network/flows.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "..", "docs", "network.md");

describe("the table of flows", () => {
  it("has each connection once, with a reason", () => {
    const rows = FLOWS.map(({ from, to, port, protocol }) => `${from} ${to} ${protocol} ${port}`);
    expect(new Set(rows).size).to.equal(rows.length);
    for (const { why } of FLOWS) expect(why).to.match(/\w{3,}/);
  });

  it("keeps to a stack's own parts", () => {
    for (const config of [testConfig(), sentinelConfig(), testConfig({ backup: { enabled: false } })]) {
      const known = new Set<string>([...stackComponents(config), "applications", "dns"]);
      for (const { from, to } of stackFlows(config)) {
        expect(known, `${from} to ${to}`).to.include(from);
        expect(known, `${from} to ${to}`).to.include(to);
      }
    }
  });

  it("leaves the agent's port to the parts of the set", () => {
    const sources = FLOWS.filter(({ port }) => port === 8380).map(({ from }) => from);
    expect(new Set(sources)).to.deep.equal(new Set(["redis", "sentinel"]));
  });

  it("is what docs/network.md shows", async () => {
    expect(await readFile(PAGE, "utf8")).to.equal(renderFlowTable());
  });
});
