import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { SENTINEL_PORT } from "../../workers/shared/ports.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { componentLabels, componentSelector } from "../labels.ts";
import { claimName, NAMES, ordinals } from "../names.ts";
import { ACL_REVISION_ANNOTATION } from "../redis/redis.ts";
import { scriptFiles } from "../redis/scripts.ts";
import { MASTER_NAME, renderSentinelConf } from "../redis/sentinelConf.ts";
import { clusterService, headlessService } from "../services.ts";
import { claimTemplate, volumeClaim } from "../volumeClaim.ts";
import { configMap, disruptionBudget, rolloutTimeouts, serviceAccount } from "../workload.ts";
import { sentinelPodSpec, TERMINATION_GRACE_SECONDS } from "./sentinelPod.ts";

/** Arguments of `Sentinel`. */
export interface SentinelArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
  /** Accounts; their Secrets are mounted. */
  readonly credentials: Credentials;
  /** ConfigMap with the addresses of all pods. */
  readonly topologyMapName: pulumi.Input<string>;
  /** Image that holds the agent. */
  readonly workerImage: pulumi.Input<string>;
  /** What must be in place before the first pod starts: the network policies. */
  readonly startAfter: pulumi.Input<pulumi.Resource>[];
}

/**
 * The Sentinels: they watch the primary, agree when it is gone, and promote a replica. They share no lifecycle with the
 * Redis pods: at the first start each side waits for the other, so neither may depend on the other's readiness.
 *
 * @example
 * new Sentinel("sessiondb-sentinel", { config, namespace, credentials, topologyMapName, workerImage, startAfter: [] }, { parent });
 */
export class Sentinel extends pulumi.ComponentResource {
  constructor(name: string, args: SentinelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Sentinel", name, {}, opts);
    const { config, namespace, credentials } = args;
    const objects = { config, namespace, component: "sentinel" as const };
    const service = { ...objects, ports: { sentinel: SENTINEL_PORT } };
    headlessService(`${name}-headless`, { ...service, serviceName: NAMES.sentinelHeadless }, this);
    clusterService(`${name}-service`, { ...service, serviceName: NAMES.sentinel }, this);
    const claims = this.#claims(name, args);
    const account = serviceAccount(`${name}-account`, objects, this);
    const settings = configMap(
      `${name}-settings`,
      { ...objects, data: { "sentinel.conf": renderSettings(config) } },
      this,
    );
    const scripts = configMap(
      `${name}-scripts`,
      { ...objects, data: scriptFiles("sentinel-ready.sh") },
      this,
    );
    disruptionBudget(`${name}-budget`, objects, this);
    const spec = sentinelPodSpec({
      config,
      serviceAccountName: account.metadata.name,
      settingsMapName: settings.metadata.name,
      scriptsMapName: scripts.metadata.name,
      topologyMapName: args.topologyMapName,
      aclSecretName: credentials.sentinelAcl?.secretName ?? "",
      authSecretName: credentials.sentinelAuthSecretName ?? "",
      workerImage: args.workerImage,
    });
    this.#statefulSet(name, args, spec, claims);
    this.registerOutputs({});
  }

  #claims(name: string, { config, namespace }: SentinelArgs): pulumi.Resource[] {
    return ordinals(config.sentinel.count).map((ordinal) =>
      volumeClaim(
        `${name}-data-${ordinal}`,
        {
          config,
          namespace,
          component: "sentinel",
          // Its file names addresses that end with the Services: after a destroy it would only mislead.
          holdsData: false,
          claimName: claimName(NAMES.sentinel, ordinal),
          storageSize: config.sentinel.storageSize,
          storageClass: config.persistence.storageClass,
        },
        this,
      ),
    );
  }

  #statefulSet(
    name: string,
    args: SentinelArgs,
    spec: k8s.types.input.core.v1.PodSpec,
    claims: pulumi.Resource[],
  ): void {
    const { config, credentials } = args;
    const labels = componentLabels(config.namespace, "sentinel");
    new k8s.apps.v1.StatefulSet(
      `${name}-set`,
      {
        metadata: { name: NAMES.sentinel, namespace: args.namespace, labels },
        spec: {
          serviceName: NAMES.sentinelHeadless,
          replicas: config.sentinel.count,
          podManagementPolicy: "Parallel",
          updateStrategy: { type: "RollingUpdate" },
          selector: { matchLabels: componentSelector(config.namespace, "sentinel") },
          template: {
            metadata: {
              labels,
              annotations: { [ACL_REVISION_ANNOTATION]: credentials.sentinelAcl?.revision ?? "" },
            },
            spec,
          },
          volumeClaimTemplates: [claimTemplate(config, "sentinel", config.sentinel.storageSize)],
        },
      },
      {
        parent: this,
        dependsOn: [...claims, ...credentials.secrets, ...args.startAfter],
        ignoreChanges: ["spec.volumeClaimTemplates"],
        customTimeouts: rolloutTimeouts(config.sentinel.count, TERMINATION_GRACE_SECONDS),
      },
    );
  }
}

function renderSettings(config: AppConfig): string {
  return renderSentinelConf({
    port: SENTINEL_PORT,
    dataDirectory: "/data",
    aclFile: "/etc/sessiondb/acl/users.acl",
    masterName: MASTER_NAME,
    downAfterMs: config.sentinel.downAfterMs,
    failoverTimeoutMs: config.sentinel.failoverTimeoutMs,
    parallelSyncs: config.sentinel.parallelSyncs,
  });
}
