import { loadConfig, loadSecrets } from "../../stacks/config.ts";
import { SessionDatabase } from "../../stacks/sessionDatabase.ts";
import type { StackOutputs } from "../../stacks/outputs.ts";
import { deploy, stackFile, type Deployment, type PlainObject } from "./pulumi.ts";

/** The committed stacks. */
export const STACKS = ["dev", "staging", "prod"] as const;

/** Name of a committed stack. */
export type StackName = (typeof STACKS)[number];

/** Stands in for the bundled workers, so that tests need no bundler and dumps hold no path of this machine. */
export const FAKE_WORKER_CONTEXT = { directory: "/worker-context", contentHash: "0123456789abcdef" };

const deployed = new Map<StackName, Promise<Deployment<StackOutputs>>>();

/** The whole program with given configuration. */
export function deployProgram(stack: string, config: PlainObject): Promise<Deployment<StackOutputs>> {
  return deploy(
    () =>
      new SessionDatabase("sessiondb", {
        config: loadConfig(),
        secrets: loadSecrets(),
        workerContext: () => FAKE_WORKER_CONTEXT,
      }).outputs,
    { stack, config },
  );
}

/** A committed stack, deployed once for all tests that look at it. */
export function deployStack(stack: StackName): Promise<Deployment<StackOutputs>> {
  const known = deployed.get(stack) ?? stackFile(stack).then((config) => deployProgram(stack, config));
  deployed.set(stack, known);
  return known;
}
