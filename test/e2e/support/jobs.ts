import { waitFor } from "../../../local/support/waitFor.ts";
import type { Instance } from "./instance.ts";

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase?: string };
  }[];
}

async function podOfJob(instance: Instance, namespace: string, job: string): Promise<string | undefined> {
  const pods = await instance.get<PodList>(
    "pods",
    "--namespace",
    namespace,
    "--selector",
    `batch.kubernetes.io/job-name=${job}`,
  );
  const done = pods.items.find((pod) => pod.status.phase === "Succeeded" || pod.status.phase === "Failed");
  return done?.metadata.name;
}

/** What a run of a job left behind. */
export interface JobRun {
  readonly exitCode: number;
  /** Its one summary line on standard output, parsed. */
  readonly summary: Record<string, unknown>;
}

/** Exit code of a worker that found another run of itself at work: the CronJob's own schedule may have started one. */
const LOCK_HELD = 75;
const ATTEMPTS = 3;

/**
 * Starts a Job from a CronJob, waits for its pod to end and returns its exit code and JSON summary. A run that met the
 * scheduled one is started again.
 */
export async function runCronJob(
  instance: Instance,
  namespace: string,
  cronJob: string,
  run: string,
): Promise<JobRun> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await runOnce(instance, namespace, cronJob, `${run}-${attempt}`);
    if (result.exitCode !== LOCK_HELD || attempt === ATTEMPTS) return result;
  }
}

async function runOnce(instance: Instance, namespace: string, cronJob: string, run: string): Promise<JobRun> {
  const job = `${cronJob}-${run}`;
  await instance.kubectl(["--namespace", namespace, "create", "job", job, `--from=cronjob/${cronJob}`]);
  const pod = await waitFor(() => podOfJob(instance, namespace, job), {
    what: `job ${job} to end`,
    timeoutSeconds: 120,
    intervalMs: 500,
  });
  const status = await instance.get<{
    status: { containerStatuses: { state: { terminated?: { exitCode: number } } }[] };
  }>("pod", pod, "--namespace", namespace);
  const logs = await instance.kubectl(["--namespace", namespace, "logs", pod]);
  const summaries = logs
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    // Log lines carry a level; the summary does not.
    .filter((line) => line.level === undefined);
  const summary = summaries.at(-1);
  if (summary === undefined) throw new Error(`job ${job} printed no summary:\n${logs}`);
  return { exitCode: status.status.containerStatuses[0]?.state.terminated?.exitCode ?? -1, summary };
}
