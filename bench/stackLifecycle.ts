/**
 * Measures a stack's life on the embedded cluster: first `up`, `up` and `preview` without changes, `destroy`; the no-op preview
 * side by side with `kubectl diff` of the same objects, in the same run. Prints one Markdown table.
 *
 * Usage: node --import tsx bench/stackLifecycle.ts [STACK] [ROUNDS]
 */
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const ROOT = join(import.meta.dirname, "..");
const INSTANCE = "bench";

/** Every kind of namespaced object that the program makes. */
const KINDS =
  "statefulset,service,secret,configmap,cronjob,pvc,networkpolicy,serviceaccount,poddisruptionbudget";

interface Sample {
  readonly name: string;
  readonly seconds: number;
}

async function timed(name: string, samples: Sample[], work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  samples.push({ name, seconds: (performance.now() - started) / 1000 });
}

/** Median, smallest and largest of the samples under a name. */
function summary(samples: readonly Sample[], name: string): string {
  const sorted = samples
    .filter((sample) => sample.name === name)
    .map(({ seconds }) => seconds)
    .sort((a, b) => a - b);
  const text = (value: number | undefined): string => (value ?? Number.NaN).toFixed(1);
  return `| ${name} | ${text(sorted[Math.floor(sorted.length / 2)])} | ${text(sorted[0])} | ${text(sorted.at(-1))} | ${sorted.length} |`;
}

/** Memory of every process in the node's process namespace, shared pages counted once, in MiB. */
async function nodeMemoryMiB(): Promise<number> {
  const { pid } = JSON.parse(await readFile(`/run/sessiondb/${INSTANCE}/sandbox.json`, "utf8")) as {
    pid: number;
  };
  const own = await readlink(`/proc/${pid}/ns/net`);
  let kib = 0;
  for (const entry of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const cgroup = await readFile(`/proc/${entry}/cgroup`, "utf8").catch(() => "");
    const network = await readlink(`/proc/${entry}/ns/net`).catch(() => "");
    // Containers have network namespaces of their own; they are below the instance's control group.
    if (network !== own && !cgroup.includes(`sessiondb-${INSTANCE}`)) continue;
    const rollup = await readFile(`/proc/${entry}/smaps_rollup`, "utf8").catch(() => "");
    kib += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  }
  return Math.round(kib / 1024);
}

const stack = process.argv[2] ?? "dev";
const rounds = Number(process.argv[3] ?? 3);
const scratch = await mkdtemp(join(tmpdir(), "sessiondb-bench-"));
const env = { SESSIONDB_INSTANCE: INSTANCE, SESSIONDB_STATE: scratch, KUBECONFIG: "" };
const sessiondb = (...args: string[]): Promise<{ stdout: string }> =>
  execa(join(ROOT, "sessiondb"), args, { env, stdin: "ignore" });
const samples: Sample[] = [];
let memory = 0;
try {
  await timed("cluster start and first up", samples, () => sessiondb("up", stack));
  for (let round = 0; round < rounds; round += 1) {
    if (round > 0) await timed("first up", samples, () => sessiondb("up", stack));
    memory = await nodeMemoryMiB();
    const objects = join(scratch, "objects.yaml");
    const live = await sessiondb(
      "kubectl",
      "get",
      KINDS,
      "--namespace",
      `sessiondb-${stack}`,
      "--output",
      "yaml",
    );
    await writeFile(objects, live.stdout);
    // In turn, so that a busy machine slows both.
    for (let turn = 0; turn < 3; turn += 1) {
      await timed("preview, no changes", samples, () => sessiondb("preview", stack));
      await timed("kubectl diff, no changes", samples, () =>
        sessiondb("kubectl", "diff", "--filename", objects),
      );
    }
    await timed("up, no changes", samples, () => sessiondb("up", stack));
    await timed("destroy with data", samples, () => sessiondb("destroy", stack, "--delete-data", "--yes"));
  }
  const names = [...new Set(samples.map(({ name }) => name))];
  const lines = [
    `| ${stack} | median s | min s | max s | runs |`,
    "| --- | --- | --- | --- | --- |",
    ...names.map((name) => summary(samples, name)),
  ];
  process.stdout.write(
    `${lines.join("\n")}\n\nmemory of the whole cluster with ${stack} on it: ${memory} MiB\n`,
  );
} finally {
  await sessiondb("down", "--purge");
  await rm(scratch, { recursive: true, force: true });
}
