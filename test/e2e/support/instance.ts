import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Result } from "execa";
import { parse, stringify } from "yaml";
import { mergeConfig } from "../../../cli/stack/overlay.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Result of a command: its exit code and what it printed. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `sessiondb` of its own: cluster, state and network apart from whatever else runs on this machine. */
export interface Instance {
  /** Folder of the instance's state. */
  readonly state: string;
  /** Environment of every command. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `./sessiondb ARGS`; a failure is an error that shows what was printed. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs `./sessiondb ARGS` and returns also when it fails. */
  tryRun(...args: string[]): Promise<CommandResult>;
  /** Runs kubectl on the instance's cluster and returns its standard output. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** `kubectl get ... --output json`, parsed. */
  get<T>(...args: string[]): Promise<T>;
  /** Writes a stack file: a committed one with changes laid over it. Returns its path. */
  stackFile(base: string, changes: Record<string, unknown>): Promise<string>;
  /** Stops the cluster and removes everything of the instance. */
  remove(): Promise<void>;
}

function toResult(result: Result): CommandResult {
  return { exitCode: result.exitCode ?? -1, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/** Makes an instance under a name of its own; nothing is started yet. */
export async function createInstance(name: string): Promise<Instance> {
  const scratch = await mkdtemp(join(tmpdir(), `sessiondb-${name}-`));
  const env = { SESSIONDB_INSTANCE: name, SESSIONDB_STATE: scratch };
  const state = join(scratch, name);
  let files = 0;
  const tryRun = async (...args: string[]): Promise<CommandResult> =>
    toResult(
      await execa(join(ROOT, "sessiondb"), args, {
        env: { ...env, KUBECONFIG: "" },
        stdin: "ignore",
        reject: false,
      }),
    );
  const run = async (...args: string[]): Promise<CommandResult> => {
    const result = await tryRun(...args);
    if (result.exitCode === 0) return result;
    throw new Error(
      `sessiondb ${args.join(" ")} ended with ${result.exitCode}:\n${result.stderr.slice(-6000)}\n${result.stdout.slice(-2000)}`,
    );
  };
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const command = [
      join(process.env.SESSIONDB_TOOLS ?? "", "kubectl"),
      "--kubeconfig",
      join(state, "kubeconfig"),
      ...args,
    ];
    const { stdout } = await execa(
      command[0] ?? "",
      command.slice(1),
      input === undefined ? { stdin: "ignore" } : { input },
    );
    return stdout;
  };
  return {
    state,
    env,
    run,
    tryRun,
    kubectl,
    get: async (...args) => JSON.parse(await kubectl(["get", ...args, "--output", "json"])) as never,
    stackFile: async (base, changes) => {
      const committed = parse(await readFile(join(ROOT, `Pulumi.${base}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
      };
      const file = join(scratch, `stack-${base}-${(files += 1)}.yaml`);
      await writeFile(file, stringify({ config: mergeConfig(committed.config, changes) }));
      return file;
    },
    remove: async () => {
      await run("down", "--purge");
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** The change counts that `up` and `preview` print, read from the summary line. */
export function changesOf(result: CommandResult): Record<string, number> {
  const line = result.stdout.split("\n").find((text) => text.startsWith("stack "));
  if (line === undefined) throw new Error(`no summary line in:\n${result.stdout}`);
  const pairs = [...line.matchAll(/(\d+) ([a-z-]+)/g)].map((match): [string, number] => [
    match[2] ?? "",
    Number(match[1]),
  ]);
  return Object.fromEntries(pairs);
}
