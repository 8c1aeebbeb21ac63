import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { workerCronJob } from "./cronJob.ts";
import { NAMES } from "./names.ts";
import { serviceAccount } from "./workload.ts";

/** Arguments of `Cleanup`. */
export interface CleanupArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
  /** Image that holds the worker. */
  readonly workerImage: pulumi.Input<string>;
}

/** Seconds that a run gets beyond its own budget, to start and to end. */
const DEADLINE_MARGIN_SECONDS = 60;

/**
 * The jobs that remove what is expired or orphaned: one for sessions and tokens, one for the service cache.
 *
 * @example
 * new Cleanup("sessiondb-cleanup", { config, namespace, workerImage: image.reference }, { parent });
 */
export class Cleanup extends pulumi.ComponentResource {
  constructor(name: string, args: CleanupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Cleanup", name, {}, opts);
    const { config, namespace } = args;
    const { cleanup, cache } = config;
    const account = serviceAccount(`${name}-account`, { config, namespace, component: "cleanup" }, this);
    const common = {
      config,
      namespace,
      component: "cleanup" as const,
      suspend: cleanup.suspend,
      serviceAccountName: account.metadata.name,
      image: args.workerImage,
      account: "cleanup" as const,
      cpuRequest: cleanup.cpuRequest,
      memoryLimit: cleanup.memoryLimit,
      deadlineSeconds: cleanup.maxSeconds + DEADLINE_MARGIN_SECONDS,
    };
    const env = {
      CLEANUP_BATCH_SIZE: String(cleanup.batchSize),
      CLEANUP_SCAN_COUNT: String(cleanup.scanCount),
      CLEANUP_MAX_SECONDS: String(cleanup.maxSeconds),
    };
    workerCronJob(
      `${name}-sessions`,
      {
        ...common,
        jobName: NAMES.cleanupSessions,
        schedule: cleanup.sessionsSchedule,
        command: ["/app/cleanup.mjs", "sessions"],
        env,
      },
      this,
    );
    workerCronJob(
      `${name}-cache`,
      {
        ...common,
        jobName: NAMES.cleanupCache,
        schedule: cleanup.cacheSchedule,
        command: ["/app/cleanup.mjs", "cache"],
        env: {
          ...env,
          CLEANUP_CACHE_MAX_ENTRIES_PER_SERVICE: String(cache.maxEntriesPerService),
          CLEANUP_CACHE_DEFAULT_TTL_SECONDS: String(cache.defaultTtlSeconds),
        },
      },
      this,
    );
    this.registerOutputs({});
  }
}
