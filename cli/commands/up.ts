import { deploy, type ChangeSummary, type OutputMap } from "../stack/engine.ts";
import { resolveTarget, type StackOptions, type Target } from "../stack/target.ts";
import { readStackFile } from "../stack/project.ts";
import { namespaceOf, runConfig, withStack } from "../stack/workspace.ts";
import { withoutStalling } from "../support/stalledRollout.ts";
import { waitForPods } from "../support/kubernetes.ts";
import type { CommandContext } from "./context.ts";

const RESTART_TIMEOUT_SECONDS = 180;

/** The lines that tell what a deployment made and how to use it. Secret values are never among them. */
export function renderUpSummary(
  stack: string,
  outputs: OutputMap,
  changes: ChangeSummary,
  embedded: boolean,
): string[] {
  const value = (name: string): string => JSON.stringify(outputs[name]?.value);
  const namespace = String(outputs.namespace?.value);
  const kubectl = embedded ? "./sessiondb kubectl" : "kubectl";
  const changed = Object.entries(changes).map(([kind, count]) => `${String(count)} ${kind}`);
  return [
    "",
    `stack ${stack}: ${changed.join(", ")}`,
    `  namespace    ${namespace}`,
    `  mode         ${String(outputs.mode?.value)}`,
    `  endpoints    ${value("endpoints")}`,
    `  accounts     ${value("secretNames")}`,
    "",
    "To connect an application:",
    `  1. let its namespace in:     ${kubectl} label namespace APP_NAMESPACE sessiondb/access=${namespace}`,
    `  2. give it the connection:   ./sessiondb outputs ${stack} --show-secrets   (key "connections"; docs/outputs.md)`,
    `To look inside:                ${kubectl} --namespace ${namespace} get pods`,
  ];
}

async function waitAfterRestart(
  context: CommandContext,
  target: Target,
  namespace: string,
  since: Date,
): Promise<void> {
  if (target.embedded?.started !== true) return;
  await context.reporter.phase("pods serve again", () =>
    waitForPods({ kubeconfig: target.kubeconfig }, namespace, since, RESTART_TIMEOUT_SECONDS),
  );
}

/** `sessiondb up STACK`: deploys the stack, starting the embedded cluster where no other one was named. */
export async function up(context: CommandContext, stack: string, options: StackOptions): Promise<void> {
  await readStackFile(stack, options.configFile);
  const since = new Date();
  const target = await resolveTarget(context.paths, options, context.reporter);
  const open = { stack, configFile: options.configFile };
  const namespace = namespaceOf(stack, await runConfig(target, open));
  const access = { kubeconfig: target.kubeconfig, context: options.context };
  const { changes, outputs } = await withStack(context.paths, target, open, async (opened) => {
    const changes = await context.reporter.phase("pulumi up", () =>
      withoutStalling(access, namespace, context.reporter, () => deploy(opened)),
    );
    return { changes, outputs: await opened.outputs() };
  });
  await waitAfterRestart(context, target, namespace, since);
  for (const line of renderUpSummary(stack, outputs, changes, target.embedded !== undefined))
    context.print(line);
  context.print("");
  for (const { name, seconds } of context.reporter.phases)
    context.print(`  ${seconds.toFixed(1).padStart(7)} s  ${name}`);
}
