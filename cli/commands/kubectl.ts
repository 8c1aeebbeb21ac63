import { join } from "node:path";
import { execa } from "execa";
import { ensureTools } from "../../local/toolchain/build.ts";
import { embeddedSettings } from "../stack/embedded.ts";
import { UsageError } from "../support/errors.ts";
import type { CommandContext } from "./context.ts";

/** `sessiondb kubectl ARGS`: kubectl on the embedded cluster. Returns kubectl's exit code. */
export async function kubectl(context: CommandContext, args: readonly string[]): Promise<number> {
  const settings = await embeddedSettings(context.paths);
  if (settings === undefined) {
    throw new UsageError("the embedded cluster was never started here. Start it with: ./sessiondb up dev");
  }
  const tools = await ensureTools(context.paths.cache, context.reporter);
  const result = await execa(join(tools, "kubectl"), ["--kubeconfig", settings.kubeconfig, ...args], {
    stdio: "inherit",
    reject: false,
  });
  return result.exitCode ?? 1;
}
