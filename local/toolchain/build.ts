import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { arch } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { isAccessible } from "../support/accessible.ts";
import { withLock } from "../support/lock.ts";
import type { Reporter } from "../support/report.ts";
import { LINKER_FLAGS, TOOL_GROUPS, type ToolGroup } from "./tools.ts";

const MODULES = import.meta.dirname;
const PROGRESS_EVERY_MS = 15_000;

/** The pins of one module as a short text: changed pins give another folder, so an old tool is never reused. */
async function pinsKey(module: ToolGroup["module"]): Promise<string> {
  const hash = createHash("sha256").update(LINKER_FLAGS).update(arch());
  for (const file of ["go.mod", "go.sum"]) hash.update(await readFile(join(MODULES, module, file)));
  return hash.digest("hex").slice(0, 12);
}

/** Go names a binary after the last path element that is not a version. */
function goBinaryName(goPackage: string): string {
  return basename(goPackage.replace(/\/v\d+$/, ""));
}

/**
 * Builds one group into a temporary folder and moves each finished tool into place. A build that is killed
 * leaves only that temporary folder, and the compiler's own cache makes the next try continue where it ended.
 */
async function buildGroup(group: ToolGroup, directory: string, log: string, reporter: Reporter): Promise<void> {
  const scratch = await mkdtemp(join(directory, ".building-"));
  try {
    const packages = group.tools.map((tool) => tool.goPackage);
    const started = performance.now();
    let compiled = 0;
    const build = execa("go", ["build", "-v", "-ldflags", LINKER_FLAGS, "-o", `${scratch}/`, ...packages], {
      cwd: join(MODULES, group.module),
      env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
      stdin: "ignore",
      stdout: "ignore",
      buffer: { stderr: true },
      reject: false,
    });
    const logFile = createWriteStream(log);
    build.stderr.on("data", (chunk: Buffer) => {
      logFile.write(chunk);
      compiled += chunk.toString().split("\n").length - 1;
    });
    const ticker = setInterval(() => {
      const seconds = Math.round((performance.now() - started) / 1000);
      reporter.detail(`${group.name}: ${compiled} packages fetched or compiled, ${seconds} s`);
    }, PROGRESS_EVERY_MS);
    const result = await build.finally(() => {
      clearInterval(ticker);
      logFile.end();
    });
    if (result.failed) {
      const missing = result.code === "ENOENT" ? " Go 1.26 or newer must be on PATH." : "";
      const tail = result.stderr.split("\n").slice(-5).join("\n");
      throw new Error(`building ${group.name} failed.${missing} The whole log is ${log}.\n${tail}`);
    }
    for (const tool of group.tools) {
      const built = join(scratch, goBinaryName(tool.goPackage));
      await chmod(built, 0o755);
      await rename(built, join(directory, tool.name));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Makes sure that every tool is built, and returns the folder that holds them all under their names.
 * Safe to run twice at once: the second run waits, then finds the tools.
 */
export async function ensureTools(cache: string, reporter: Reporter): Promise<string> {
  const key = `${await pinsKey("main")}-${await pinsKey("aux")}`;
  const directory = join(cache, "tools", key, "bin");
  await mkdir(directory, { recursive: true });
  for (const group of TOOL_GROUPS) {
    const missing = async (): Promise<boolean> => {
      const found = await Promise.all(group.tools.map((tool) => isAccessible(join(directory, tool.name))));
      return found.includes(false);
    };
    if (!(await missing())) continue;
    await withLock(
      join(directory, `.${group.name}.lock`),
      async () => {
        if (!(await missing())) return;
        await reporter.phase(`build ${group.name}`, () =>
          buildGroup(group, directory, join(directory, `${group.name}.log`), reporter),
        );
      },
      () => reporter.detail(`another run is building ${group.name}; waiting for it`),
    );
  }
  return directory;
}
