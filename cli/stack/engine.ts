import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { OperationError } from "../support/errors.ts";

export type { OutputMap } from "@pulumi/pulumi/automation/index.js";

/** How many resources a run touched, by what happened to them. */
export type ChangeSummary = Readonly<Partial<Record<string, number>>>;

function engineOutput(): {
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  color: "always" | "never";
} {
  const show = (text: string): void => {
    process.stderr.write(text);
  };
  return { onOutput: show, onError: show, color: process.stderr.isTTY ? "always" : "never" };
}

/** The engine has printed its own diagnostics; what is left to say is which step failed and what to do next. */
async function run<T>(what: string, nextStep: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = new OperationError(`${what} failed; the diagnostics are above. ${nextStep}`);
    failure.cause = error;
    throw failure;
  }
}

/** Deploys the stack and returns what changed. */
export async function deploy(stack: Stack): Promise<ChangeSummary> {
  const result = await run(
    "pulumi up",
    "What was made stays; mend the cause and run the same command again.",
    () => stack.up(engineOutput()),
  );
  return result.summary.resourceChanges ?? {};
}

/** Shows what a deployment would change. */
export async function preview(stack: Stack, options: { diff: boolean }): Promise<ChangeSummary> {
  const result = await run("pulumi preview", "Nothing was changed.", () =>
    stack.preview({ ...engineOutput(), diff: options.diff }),
  );
  return result.changeSummary;
}

/** Removes what the stack made, except what its data protection retains. */
export async function destroy(stack: Stack): Promise<ChangeSummary> {
  const result = await run(
    "pulumi destroy",
    "What could not be deleted is still in the stack's state; run it again.",
    () => stack.destroy(engineOutput()),
  );
  return result.summary.resourceChanges ?? {};
}
