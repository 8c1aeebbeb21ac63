import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { workerCronJob } from "./cronJob.ts";
import { NAMES } from "./names.ts";
import { volumeClaim } from "./volumeClaim.ts";
import { serviceAccount } from "./workload.ts";

/** Arguments of `Backup`. */
export interface BackupArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
  /** Image that holds the worker. */
  readonly workerImage: pulumi.Input<string>;
}

const DIRECTORY = "/backup";
/** Seconds that a run gets beyond its own timeout, to start and to end. */
const DEADLINE_MARGIN_SECONDS = 120;

/**
 * The scheduled backup and the volume that it writes to. The volume stays when the stack is destroyed.
 *
 * @example
 * new Backup("sessiondb-backup", { config, namespace, workerImage: image.reference }, { parent });
 */
export class Backup extends pulumi.ComponentResource {
  constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Backup", name, {}, opts);
    const { config, namespace } = args;
    const { backup } = config;
    const account = serviceAccount(`${name}-account`, { config, namespace, component: "backup" }, this);
    const claim = volumeClaim(
      `${name}-volume`,
      {
        config,
        namespace,
        component: "backup",
        holdsData: true,
        claimName: NAMES.backup,
        storageSize: backup.storageSize,
        storageClass: backup.storageClass,
      },
      this,
    );
    workerCronJob(
      `${name}-job`,
      {
        config,
        namespace,
        component: "backup",
        jobName: NAMES.backup,
        schedule: backup.schedule,
        timeZone: backup.timeZone,
        suspend: backup.suspend,
        serviceAccountName: account.metadata.name,
        image: args.workerImage,
        command: ["/app/backup.mjs"],
        account: "backup",
        env: {
          BACKUP_DIRECTORY: DIRECTORY,
          BACKUP_RETENTION_DAYS: String(backup.retentionDays),
          BACKUP_KEEP_AT_LEAST: String(backup.keepAtLeast),
          BACKUP_TIMEOUT_SECONDS: String(backup.timeoutSeconds),
        },
        cpuRequest: backup.cpuRequest,
        memoryLimit: backup.memoryLimit,
        deadlineSeconds: backup.timeoutSeconds + DEADLINE_MARGIN_SECONDS,
        volumes: [
          {
            volume: { name: "backup", persistentVolumeClaim: { claimName: claim.metadata.name } },
            mountPath: DIRECTORY,
          },
        ],
      },
      this,
    );
    this.registerOutputs({});
  }
}
