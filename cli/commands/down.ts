import { embeddedSettings, stopEmbedded } from "../stack/embedded.ts";
import { ownCluster, type TargetOptions } from "../stack/target.ts";
import { UsageError } from "../support/errors.ts";
import type { CommandContext } from "./context.ts";

/** `sessiondb down`: stops the embedded cluster; `--purge` also removes its state and volumes. */
export async function down(
  context: CommandContext,
  options: TargetOptions & { readonly purge?: boolean | undefined },
): Promise<void> {
  const settings = await embeddedSettings(context.paths);
  const namesEmbedded = settings !== undefined && process.env.KUBECONFIG === settings.kubeconfig;
  if (ownCluster(options, process.env) && !namesEmbedded) {
    const named =
      options.context === undefined ? "KUBECONFIG is set" : `--context ${options.context} is given`;
    throw new UsageError(
      `down stops the cluster that sessiondb itself started, and ${named}: that cluster is not ours to stop. ` +
        "To remove a stack from it, use destroy; to stop the embedded cluster, leave out --context and unset KUBECONFIG.",
    );
  }
  const stopped = await stopEmbedded(context.paths, context.reporter, { purge: options.purge ?? false });
  const state = options.purge === true ? `; its state and volumes are removed` : "";
  context.print(
    stopped ? `the embedded cluster is stopped${state}` : `the embedded cluster was not running${state}`,
  );
}
