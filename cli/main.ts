import { Command, CommanderError } from "commander";
import { commandContext } from "./commands/context.ts";
import { destroy, type DestroyOptions } from "./commands/destroy.ts";
import { down } from "./commands/down.ts";
import { kubectl } from "./commands/kubectl.ts";
import { outputs } from "./commands/outputs.ts";
import { preview } from "./commands/preview.ts";
import { test } from "./commands/test.ts";
import { up } from "./commands/up.ts";
import type { StackOptions } from "./stack/target.ts";
import { UsageError } from "./support/errors.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function buildProgram(): Command {
  const program = new Command("sessiondb")
    .description("A session database for Kubernetes. Without a kube context it starts a cluster of its own.")
    .showHelpAfterError("(--help shows the commands)")
    .exitOverride();
  const context = commandContext();
  const stackCommand = (name: string, description: string): Command =>
    program
      .command(`${name} <stack>`)
      .description(description)
      .option("--context <name>", "kube context of your own cluster; also taken when KUBECONFIG is set")
      .option("--config-file <path>", "stack file (default: Pulumi.<stack>.yaml of the project)");
  stackCommand("up", "deploy a stack (dev, staging, prod)").action((stack: string, options: StackOptions) =>
    up(context, stack, options),
  );
  stackCommand("preview", "show what up would change")
    .option("--diff", "show every changed property")
    .action((stack: string, options: StackOptions & { diff?: boolean }) => preview(context, stack, options));
  stackCommand("outputs", "print a stack's outputs as JSON")
    .option("--show-secrets", "print connection strings in the clear")
    .action((stack: string, options: StackOptions & { showSecrets?: boolean }) =>
      outputs(context, stack, options),
    );
  stackCommand("destroy", "remove a stack; volumes and backups stay")
    .option("--delete-data", "delete volumes, backups and the namespace too")
    .option("--yes", "confirm")
    .action((stack: string, options: DestroyOptions) => destroy(context, stack, options));
  program
    .command("down")
    .description("stop the embedded cluster")
    .option("--context <name>", "refused: down stops only what sessiondb started")
    .option("--purge", "also remove its state and volumes")
    .action((options: { context?: string; purge?: boolean }) => down(context, options));
  program
    .command("kubectl")
    .description("run kubectl on the embedded cluster")
    .allowUnknownOption()
    .helpOption(false)
    .argument("[args...]")
    .action(async (args: string[]) => {
      process.exitCode = await kubectl(context, args);
    });
  program
    .command("test")
    .description("run every check and test; needs nothing but this machine")
    .option("--only <suites...>", "check, unit, integration, e2e")
    .action(async (options: { only?: string[] }) => {
      process.exitCode = await test(context, options);
    });
  return program;
}

/** Errors that carry a `code` of our own are complete sentences; anything else is a defect and keeps its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.SESSIONDB_DEBUG !== undefined) return error.stack ?? error.message;
  return error.message;
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the message; help and version end with 0.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`sessiondb: ${describe(error)}\n`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}
