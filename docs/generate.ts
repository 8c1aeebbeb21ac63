/**
 * Writes docs/configuration.md from the configuration schema: `npx tsx docs/generate.ts`. A test fails when the committed
 * page is not what this writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { describeSchema, type SchemaNode } from "../stacks/configPaths.ts";

const PAGE = join(import.meta.dirname, "configuration.md");

const INTRODUCTION = `# Configuration reference

<!-- Written by docs/generate.ts from stacks/configSchema.ts. Do not edit. -->

A stack is configured in its \`Pulumi.<stack>.yaml\`, or by \`pulumi config set --path 'sessiondb:redis.memoryLimit' 512Mi\`.
Every key may be left out. All of it is checked before anything changes, and every problem is reported at once with its key, its
value, what is allowed, and the command that helps. Numbers and booleans may also be written as text; an unknown key is a problem.

One value is a secret and stands apart: \`pulumi config set --secret sessiondb:registryPassword\`, the password with which the worker
image is pushed.

## Values that depend on each other

- \`redis.maxmemory\` has to fit \`redis.memoryLimit\`: (limit - 48 MiB) / 1.5 in sentinel mode, / 1.4 standalone with
  persistence, / 1.25 without, and the same for the separate cache. That is also what is used when it is left out.
- \`persistence.storageSize\` is at least three times \`maxmemory\`: snapshot, log and its rewrite lie side by side.
- \`cache.mode: shared\` needs \`redis.maxmemoryPolicy: noeviction\`, since sessions carry an expiry too and would be evicted for cache
  entries. Choose it knowingly: a cache that grows then refuses session writes, and only cleanup bounds it.
- \`cache.mode: separate\` needs one of the allkeys policies in \`cache.maxmemoryPolicy\`.
- \`backup.retentionDays\` covers the longest time between two runs of \`backup.schedule\`.
- \`images.*\` from public registries carry a digest, unless \`images.allowUnpinned\` is true. \`engine\` says what \`images.redis\` holds, and may not
  contradict its name or tag.
- In sentinel mode: \`sentinel.count\` is odd; \`sentinel.quorum\` is a majority of it; \`sentinel.failoverTimeoutMs\` is at least three times
  \`downAfterMs\`; \`writeSafety.minReplicasToWrite\` is at most \`redis.replicas\`; persistence is on.

## The two failover profiles

| | \`fast\` | \`fenced\` |
| --- | --- | --- |
| \`sentinel.downAfterMs\` | 1000 | 4000, at least \`maxLagSeconds\` and 2 s |
| \`writeSafety.maxLagSeconds\` | 3 | 2 |
| writes resume after a crash | about 2 s | about 5 s |
| a primary that is cut off refuses writes | after up to 5 s, perhaps later than a new one starts | before a new one starts |
| safe for | clients that check the answer of WAIT | any client |

Neither makes replication synchronous: a write that no replica acknowledged is lost when its primary's machine is.
`;

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function defaultOf(node: SchemaNode): string {
  if (node.default === undefined) return "";
  const text = typeof node.default === "string" ? node.default : JSON.stringify(node.default);
  return text === "" ? "" : `\`${cell(text)}\``;
}

function rows(node: SchemaNode, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const name = `${path}${key}`;
    const item = child.items;
    const inner = item?.properties === undefined ? rows(child, `${name}.`) : rows(item, `${name}[].`);
    const allowed =
      item?.allowed !== undefined && item.properties === undefined
        ? `list; each ${item.allowed}`
        : child.allowed;
    const own = `| \`${name}\` | ${cell(child.description ?? "")} | ${cell(allowed ?? "")} | ${defaultOf(child)} |`;
    return child.properties === undefined ? [own, ...inner] : inner;
  });
}

function table(lines: readonly string[]): string {
  return ["| key | meaning | allowed | default |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

/** The whole page, formatted as Prettier wants it. */
export async function renderConfigurationPage(): Promise<string> {
  const root = describeSchema();
  const sections = Object.entries(root.properties ?? {});
  const scalars = sections.filter(([, node]) => node.properties === undefined);
  const top = table(scalars.flatMap(([key, node]) => rows({ properties: { [key]: node } }, "")));
  const rest = sections
    .filter(([, node]) => node.properties !== undefined)
    .map(([key, node]) => `## ${key}\n\n${node.description ?? ""}\n\n${table(rows(node, `${key}.`))}\n`);
  const text = `${INTRODUCTION}\n## Top level\n\n${top}\n\n${rest.join("\n")}`;
  return format(text, { parser: "markdown", printWidth: 110 });
}

/** The committed page. */
export function committedConfigurationPage(): string {
  return readFileSync(PAGE, "utf8");
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(PAGE, await renderConfigurationPage());
}
