/** What the CronJobs have in common. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import type { AccountName } from "./aclFile.ts";
import { componentLabels, type Component } from "./labels.ts";
import {
  accountMount,
  ACCOUNTS_DIRECTORY,
  accountVolume,
  commonPodSpec,
  CONTAINER_SECURITY_CONTEXT,
  resources,
  scratchVolume,
} from "./podSpec.ts";

/** A scheduled run of a worker. */
export interface WorkerCronJobArgs {
  readonly config: AppConfig;
  readonly namespace: pulumi.Input<string>;
  readonly component: Component;
  readonly jobName: string;
  readonly schedule: string;
  readonly timeZone?: string;
  readonly suspend: boolean;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
  /** What Node runs: file in the image, then its arguments. */
  readonly command: readonly string[];
  /** Account whose Secret the worker connects with. */
  readonly account: AccountName;
  readonly env: Readonly<Record<string, string>>;
  readonly cpuRequest: string;
  readonly memoryLimit: string;
  /** Seconds after which Kubernetes ends a run that does not end by itself. */
  readonly deadlineSeconds: number;
  readonly volumes?: readonly {
    readonly volume: k8s.types.input.core.v1.Volume;
    readonly mountPath: string;
  }[];
}

const DAY_SECONDS = 86_400;
/** A worker ends within its own grace of 20 s after the signal; see workers/shared/shutdown.ts. */
const TERMINATION_GRACE_SECONDS = 30;

function podSpec(args: WorkerCronJobArgs): k8s.types.input.core.v1.PodSpec {
  const volumes = args.volumes ?? [];
  const env = {
    SESSIONDB_BINDING: `${ACCOUNTS_DIRECTORY}/${args.account}`,
    LOG_LEVEL: args.config.logLevel,
    ...args.env,
  };
  return {
    ...commonPodSpec(args.config, args.serviceAccountName),
    restartPolicy: "Never",
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    containers: [
      {
        name: args.component,
        image: args.image,
        imagePullPolicy: args.config.images.pullPolicy,
        args: [...args.command],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        securityContext: CONTAINER_SECURITY_CONTEXT,
        resources: resources(args.cpuRequest, args.memoryLimit),
        volumeMounts: [
          accountMount(args.account),
          { name: "tmp", mountPath: "/tmp" },
          ...volumes.map(({ volume, mountPath }) => ({ name: volume.name, mountPath })),
        ],
      },
    ],
    volumes: [
      accountVolume(args.account),
      scratchVolume("tmp", "64Mi"),
      ...volumes.map(({ volume }) => volume),
    ],
  };
}

/** A CronJob of a worker: never two runs at once, no retry (the next run is the retry), a bounded history. */
export function workerCronJob(
  name: string,
  args: WorkerCronJobArgs,
  parent: pulumi.Resource,
): k8s.batch.v1.CronJob {
  const labels = componentLabels(args.config.namespace, args.component);
  return new k8s.batch.v1.CronJob(
    name,
    {
      metadata: { name: args.jobName, namespace: args.namespace, labels },
      spec: {
        schedule: args.schedule,
        ...(args.timeZone === undefined ? {} : { timeZone: args.timeZone }),
        suspend: args.suspend,
        concurrencyPolicy: "Forbid",
        // After a pause of the cluster, one late run is enough.
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 2,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: 0,
            activeDeadlineSeconds: args.deadlineSeconds,
            ttlSecondsAfterFinished: DAY_SECONDS,
            template: { metadata: { labels }, spec: podSpec(args) },
          },
        },
      },
    },
    { parent },
  );
}
