import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureTools } from "../../local/toolchain/build.ts";
import { ensureDebianPackages } from "../../local/toolchain/debian.ts";
import { PROJECT_ROOT } from "../stack/project.ts";
import { UsageError } from "../support/errors.ts";
import type { CommandContext } from "./context.ts";

/** Result of one suite. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** A group of tests run by one mocha process, in the order of the pyramid: the quickest first. */
interface Suite {
  readonly name: string;
  readonly files: string;
  /** Mocha's own limit for one test, in milliseconds. */
  readonly timeoutMs: number;
}

const SUITES: readonly Suite[] = [
  { name: "unit", files: "test/{unit,architecture,golden}/**/*.test.ts", timeoutMs: 20_000 },
  { name: "integration", files: "test/integration/**/*.test.ts", timeoutMs: 180_000 },
  { name: "e2e", files: "test/e2e/**/*.test.ts", timeoutMs: 600_000 },
];

/** The parts of `npm run check`, each counted as a test of its own. */
const CHECKS = ["check:format", "check:lint", "check:types"] as const;

async function runChecks(context: CommandContext): Promise<Counts> {
  let passed = 0;
  for (const check of CHECKS) {
    const result = await context.reporter.phase(`check: ${check}`, () =>
      execa("npm", ["run", "--silent", check], {
        cwd: PROJECT_ROOT,
        stdin: "ignore",
        stdout: "inherit",
        stderr: "inherit",
        reject: false,
      }),
    );
    if (!result.failed) passed += 1;
  }
  return { passed, failed: CHECKS.length - passed };
}

async function runSuite(context: CommandContext, suite: Suite, env: Record<string, string>): Promise<Counts> {
  const scratch = await mkdtemp(join(tmpdir(), "sessiondb-test-"));
  const countsFile = join(scratch, "counts.json");
  try {
    const result = await context.reporter.phase(`test: ${suite.name}`, () =>
      execa(
        process.execPath,
        [
          join(PROJECT_ROOT, "node_modules", "mocha", "bin", "mocha.js"),
          ...[
            "--timeout",
            String(suite.timeoutMs),
            "--reporter",
            join(PROJECT_ROOT, "test", "helpers", "reporter.ts"),
            suite.files,
          ],
        ],
        {
          cwd: PROJECT_ROOT,
          env: { ...env, SESSIONDB_TEST_COUNTS: countsFile },
          stdin: "ignore",
          stdout: "inherit",
          stderr: "inherit",
          reject: false,
        },
      ),
    );
    const counts = await readFile(countsFile, "utf8").then(
      (text) => JSON.parse(text) as Counts,
      () => undefined,
    );
    // A run that ended before it could count, or ended badly although every test passed, has failed.
    if (counts === undefined) return { passed: 0, failed: 1 };
    return result.failed && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** `sessiondb test`: sets up what the tests need, runs them all and prints one line for the whole. Returns the exit code. */
export async function test(
  context: CommandContext,
  options: { readonly only?: readonly string[] | undefined },
): Promise<number> {
  const known = ["check", ...SUITES.map((suite) => suite.name)];
  const wanted = options.only ?? known;
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`--only got ${unknown.join(", ")}; expected some of ${known.join(", ")}`);
  await ensureDebianPackages(context.reporter);
  const tools = await ensureTools(context.paths.cache, context.reporter);
  const env = {
    SESSIONDB_TOOLS: tools,
    SESSIONDB_PULUMI: join(tools, "pulumi"),
    SESSIONDB_KUBECONFORM: join(tools, "kubeconform"),
  };
  const results: Counts[] = [];
  if (wanted.includes("check")) results.push(await runChecks(context));
  for (const suite of SUITES)
    if (wanted.includes(suite.name)) results.push(await runSuite(context, suite, env));
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  context.print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
