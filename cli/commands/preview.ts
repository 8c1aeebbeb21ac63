import { preview as previewStack } from "../stack/engine.ts";
import { resolveTarget, type StackOptions } from "../stack/target.ts";
import { withStack } from "../stack/workspace.ts";
import type { CommandContext } from "./context.ts";

/** `sessiondb preview STACK`: shows what `up` would change, and changes nothing. */
export async function preview(
  context: CommandContext,
  stack: string,
  options: StackOptions & { readonly diff?: boolean | undefined },
): Promise<void> {
  const target = await resolveTarget(context.paths, options, context.reporter);
  const changes = await withStack(
    context.paths,
    target,
    { stack, configFile: options.configFile },
    (opened) =>
      context.reporter.phase("pulumi preview", () => previewStack(opened, { diff: options.diff ?? false })),
  );
  context.print(JSON.stringify(changes));
}
