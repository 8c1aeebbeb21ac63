/** Entry point of the Pulumi program: one session database per stack. */
import { program } from "./stacks/sessionDatabase.ts";

export const { namespace, mode, endpoints, secretNames, connections } = program();
