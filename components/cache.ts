import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { REDIS_PORT } from "../workers/shared/ports.ts";
import type { AclSecret, Credentials } from "./credentials/credentials.ts";
import { componentLabels, componentSelector } from "./labels.ts";
import { DATA_VOLUME, NAMES } from "./names.ts";
import {
  accountMount,
  accountVolume,
  commonPodSpec,
  CONTAINER_SECURITY_CONTEXT,
  resources,
  scratchVolume,
  secretVolume,
} from "./podSpec.ts";
import { redisProbes } from "./redis/probes.ts";
import { ACL_REVISION_ANNOTATION } from "./redis/redis.ts";
import { renderRedisConf } from "./redis/redisConf.ts";
import { cacheRedisSettings } from "./redis/redisConfSettings.ts";
import { REDIS_CONF_DIRECTORY } from "./redis/redisPod.ts";
import { SCRIPTS_DIRECTORY, scriptFiles } from "./redis/scripts.ts";
import { clusterService, headlessService } from "./services.ts";
import { configMap, serviceAccount } from "./workload.ts";

/** Arguments of `Cache`. */
export interface CacheArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
  /** Accounts; their Secrets are mounted. */
  readonly credentials: Credentials;
  /** Accounts of this instance. */
  readonly acl: AclSecret;
  /** What must be in place before the pod starts: the network policies. */
  readonly startAfter: pulumi.Input<pulumi.Resource>[];
}

const TERMINATION_GRACE_SECONDS = 15;
/** It loads nothing from disk. */
const STARTUP_TIMEOUT_SECONDS = 30;

/**
 * A small Redis of its own for service cache. It evicts when full and keeps nothing on disk, so that cache never takes memory
 * from sessions and its loss costs only misses.
 *
 * @example
 * new Cache("sessiondb-cache", { config, namespace, credentials, acl, startAfter: [network] }, { parent });
 */
export class Cache extends pulumi.ComponentResource {
  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Cache", name, {}, opts);
    const { config, namespace } = args;
    const objects = { config, namespace, component: "cache" as const };
    const service = { ...objects, ports: { redis: REDIS_PORT } };
    headlessService(`${name}-headless`, { ...service, serviceName: NAMES.cacheHeadless }, this);
    clusterService(`${name}-service`, { ...service, serviceName: NAMES.cache }, this);
    const account = serviceAccount(`${name}-account`, objects, this);
    const conf = configMap(
      `${name}-conf`,
      { ...objects, data: { "redis.conf": renderRedisConf(cacheRedisSettings(config)) } },
      this,
    );
    const scripts = configMap(
      `${name}-scripts`,
      { ...objects, data: scriptFiles("ready.sh", "live.sh") },
      this,
    );
    const labels = componentLabels(config.namespace, "cache");
    new k8s.apps.v1.StatefulSet(
      `${name}-set`,
      {
        metadata: { name: NAMES.cache, namespace, labels },
        spec: {
          serviceName: NAMES.cacheHeadless,
          replicas: 1,
          selector: { matchLabels: componentSelector(config.namespace, "cache") },
          template: {
            metadata: { labels, annotations: { [ACL_REVISION_ANNOTATION]: args.acl.revision } },
            spec: cachePodSpec(args, account.metadata.name, conf.metadata.name, scripts.metadata.name),
          },
        },
      },
      { parent: this, dependsOn: [...args.credentials.secrets, ...args.startAfter] },
    );
    this.registerOutputs({});
  }
}

function cachePodSpec(
  { config, acl }: CacheArgs,
  serviceAccountName: pulumi.Input<string>,
  confMapName: pulumi.Input<string>,
  scriptsMapName: pulumi.Input<string>,
): k8s.types.input.core.v1.PodSpec {
  return {
    ...commonPodSpec(config, serviceAccountName),
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    containers: [
      {
        name: "redis",
        image: config.images.redis,
        imagePullPolicy: config.images.pullPolicy,
        command: ["redis-server", `${REDIS_CONF_DIRECTORY}/redis.conf`],
        ports: [{ name: "redis", containerPort: REDIS_PORT }],
        securityContext: CONTAINER_SECURITY_CONTEXT,
        resources: resources(config.cache.cpuRequest, config.cache.memoryLimit),
        ...redisProbes({ startupTimeoutSeconds: STARTUP_TIMEOUT_SECONDS, startedWhen: "ready" }),
        volumeMounts: [
          { name: DATA_VOLUME, mountPath: "/data" },
          { name: "conf", mountPath: REDIS_CONF_DIRECTORY, readOnly: true },
          { name: "scripts", mountPath: SCRIPTS_DIRECTORY, readOnly: true },
          { name: "acl", mountPath: "/etc/sessiondb/acl", readOnly: true },
          accountMount("monitor"),
        ],
      },
    ],
    volumes: [
      { name: "conf", configMap: { name: confMapName } },
      { name: "scripts", configMap: { name: scriptsMapName } },
      secretVolume("acl", acl.secretName),
      accountVolume("monitor"),
      scratchVolume(DATA_VOLUME),
    ],
  };
}
