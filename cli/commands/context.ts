import { localPaths, type LocalPaths } from "../../local/support/paths.ts";
import { consoleReporter, type Reporter } from "../../local/support/report.ts";

/** What every command works with. */
export interface CommandContext {
  readonly paths: LocalPaths;
  readonly reporter: Reporter;
  /** Writes a result line to standard output; progress and logs go to standard error. */
  readonly print: (line: string) => void;
}

/** The context of a run from the command line. */
export function commandContext(): CommandContext {
  return {
    paths: localPaths(),
    reporter: consoleReporter(),
    print: (line) => process.stdout.write(`${line}\n`),
  };
}
