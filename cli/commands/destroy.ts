import { destroy as destroyStack } from "../stack/engine.ts";
import { resolveTarget, type StackOptions } from "../stack/target.ts";
import { namespaceOf, runConfig, withStack } from "../stack/workspace.ts";
import { deleteStackNamespace } from "../support/kubernetes.ts";
import { UsageError } from "../support/errors.ts";
import type { CommandContext } from "./context.ts";

/** What `destroy` was told. */
export interface DestroyOptions extends StackOptions {
  /** Also delete the volumes, backups and the namespace that hold data. */
  readonly deleteData?: boolean | undefined;
  /** Do it without asking; there is no prompt, so this is required. */
  readonly yes?: boolean | undefined;
}

/** `sessiondb destroy STACK --yes`: removes the stack; its data stays unless `--delete-data` is given. */
export async function destroy(
  context: CommandContext,
  stack: string,
  options: DestroyOptions,
): Promise<void> {
  if (options.yes !== true) {
    const what =
      options.deleteData === true
        ? "with all sessions, caches and backups in it"
        : "but keeps its volumes and backups";
    throw new UsageError(`destroy removes stack ${stack}, ${what}. Say --yes to do it; nothing was changed.`);
  }
  const target = await resolveTarget(context.paths, options, context.reporter);
  const open = { stack, configFile: options.configFile };
  const namespace = namespaceOf(stack, await runConfig(target, open));
  await withStack(context.paths, target, open, async (opened) => {
    await context.reporter.phase("pulumi destroy", () => destroyStack(opened));
    if (options.deleteData !== true) return;
    await context.reporter.phase(`delete namespace ${namespace} with its data`, () =>
      deleteStackNamespace({ kubeconfig: target.kubeconfig, context: options.context }, namespace),
    );
    if (target.localBackend) await opened.workspace.removeStack(stack);
  });
  context.print(
    options.deleteData === true
      ? `stack ${stack} and its data are gone`
      : `stack ${stack} is gone; what its data protection keeps is in namespace ${namespace}, and the next up takes it over`,
  );
}
