import { resolveTarget, type StackOptions } from "../stack/target.ts";
import { withStack } from "../stack/workspace.ts";
import type { CommandContext } from "./context.ts";

/** `sessiondb outputs STACK`: prints the stack's outputs as one JSON object; secrets only when asked for. */
export async function outputs(
  context: CommandContext,
  stack: string,
  options: StackOptions & { readonly showSecrets?: boolean | undefined },
): Promise<void> {
  const target = await resolveTarget(context.paths, options, context.reporter);
  const found = await withStack(context.paths, target, { stack, configFile: options.configFile }, (opened) =>
    opened.outputs(),
  );
  const shown = Object.entries(found).map(([name, output]): [string, unknown] => [
    name,
    output.secret && options.showSecrets !== true ? "[secret]" : output.value,
  ]);
  context.print(JSON.stringify(Object.fromEntries(shown), undefined, 2));
}
