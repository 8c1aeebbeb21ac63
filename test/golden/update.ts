/**
 * Writes anew what is generated from the program: the dumps, and the page with the table of flows. Run it after an intended
 * change and review the difference: `node --import tsx test/golden/update.ts`
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderFlowTable } from "../../components/network/flows.ts";
import { deployStack, STACKS } from "../helpers/stacks.ts";
import { renderDump } from "./dump.ts";

for (const stack of STACKS) {
  const { resources } = await deployStack(stack);
  await writeFile(join(import.meta.dirname, `${stack}.json`), renderDump(resources));
  process.stdout.write(`${stack}: ${resources.length} resources\n`);
}
await writeFile(join(import.meta.dirname, "..", "..", "docs", "network.md"), renderFlowTable());
