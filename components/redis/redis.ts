import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { REDIS_PORT } from "../../workers/shared/ports.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { componentLabels, componentSelector } from "../labels.ts";
import { claimName, NAMES, ordinals } from "../names.ts";
import { clusterService, headlessService } from "../services.ts";
import { claimTemplate, volumeClaim } from "../volumeClaim.ts";
import { configMap, disruptionBudget, rolloutTimeouts, serviceAccount } from "../workload.ts";
import { renderRedisConf } from "./redisConf.ts";
import { sessionRedisSettings } from "./redisConfSettings.ts";
import { redisPodSpec, TERMINATION_GRACE_SECONDS, type RedisPodArgs } from "./redisPod.ts";
import { scriptFiles } from "./scripts.ts";

/** Annotation that changes with the accounts: servers read their ACL file at start, so a change restarts them in turn. */
export const ACL_REVISION_ANNOTATION = "sessiondb/acl-revision";

/** What a replicated set needs beyond a single server. */
export interface ReplicationArgs {
  /** ConfigMap with the addresses of all pods. */
  readonly topologyMapName: pulumi.Input<string>;
  /** Image that holds the agent. */
  readonly workerImage: pulumi.Input<string>;
}

/** Arguments of `Redis`. */
export interface RedisArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
  /** Accounts; their Secrets are mounted. */
  readonly credentials: Credentials;
  /** Present in sentinel mode. @default a single server that replicates to nobody */
  readonly replication?: ReplicationArgs;
  /** What must be in place before the first pod starts: the network policies. */
  readonly startAfter: pulumi.Input<pulumi.Resource>[];
}

/**
 * The Redis instances that hold sessions: one, or a set that replicates and that Sentinels watch.
 *
 * @example
 * new Redis("sessiondb-redis", { config, namespace, credentials, startAfter: [network] }, { parent });
 */
export class Redis extends pulumi.ComponentResource {
  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Redis", name, {}, opts);
    const objects = { config: args.config, namespace: args.namespace, component: "redis" as const };
    const { config } = args;
    this.#services(name, args);
    const claims = config.persistence.enabled ? this.#claims(name, args) : [];
    const account = serviceAccount(`${name}-account`, objects, this);
    const conf = configMap(
      `${name}-conf`,
      { ...objects, data: { "redis.conf": renderRedisConf(sessionRedisSettings(config)) } },
      this,
    );
    const scripts = configMap(
      `${name}-scripts`,
      { ...objects, data: scriptFiles("launch.sh", "ready.sh", "live.sh") },
      this,
    );
    if (config.redis.nodes > 1) disruptionBudget(`${name}-budget`, objects, this);
    const spec = redisPodSpec({
      config,
      serviceAccountName: account.metadata.name,
      confMapName: conf.metadata.name,
      scriptsMapName: scripts.metadata.name,
      aclSecretName: args.credentials.redisAcl.secretName,
      ...this.#replicated(name, args),
    });
    this.#statefulSet(name, args, spec, claims);
    this.registerOutputs({});
  }

  #services(name: string, { config, namespace }: RedisArgs): void {
    const service = { config, namespace, component: "redis" as const, ports: { redis: REDIS_PORT } };
    headlessService(`${name}-headless`, { ...service, serviceName: NAMES.redisHeadless }, this);
    // With replicas, the address for all of them serves reads only: who is primary changes.
    const serviceName = config.mode === "standalone" ? NAMES.redis : NAMES.redisReadOnly;
    clusterService(`${name}-service`, { ...service, serviceName }, this);
  }

  #claims(name: string, { config, namespace }: RedisArgs): pulumi.Resource[] {
    const { storageSize, storageClass } = config.persistence;
    return ordinals(config.redis.nodes).map((ordinal) =>
      volumeClaim(
        `${name}-data-${ordinal}`,
        {
          config,
          namespace,
          component: "redis",
          holdsData: true,
          claimName: claimName(NAMES.redis, ordinal),
          storageSize,
          storageClass,
        },
        this,
      ),
    );
  }

  #statefulSet(
    name: string,
    args: RedisArgs,
    spec: k8s.types.input.core.v1.PodSpec,
    claims: pulumi.Resource[],
  ): void {
    const { config, credentials } = args;
    const labels = componentLabels(config.namespace, "redis");
    new k8s.apps.v1.StatefulSet(
      `${name}-set`,
      {
        metadata: { name: NAMES.redis, namespace: args.namespace, labels },
        spec: {
          serviceName: NAMES.redisHeadless,
          replicas: config.redis.nodes,
          // A cold start needs all of them at once: they compare what they hold. Updates still go one by one.
          podManagementPolicy: "Parallel",
          updateStrategy: { type: "RollingUpdate" },
          selector: { matchLabels: componentSelector(config.namespace, "redis") },
          template: {
            metadata: { labels, annotations: { [ACL_REVISION_ANNOTATION]: credentials.redisAcl.revision } },
            spec,
          },
          ...(config.persistence.enabled
            ? { volumeClaimTemplates: [claimTemplate(config, "redis", config.persistence.storageSize)] }
            : {}),
        },
      },
      {
        parent: this,
        dependsOn: [...claims, ...credentials.secrets, ...args.startAfter],
        // Immutable in Kubernetes, and of no effect: the claims exist under the names that it would give them.
        ignoreChanges: ["spec.volumeClaimTemplates"],
        customTimeouts: rolloutTimeouts(
          config.redis.nodes,
          TERMINATION_GRACE_SECONDS + config.redis.startupTimeoutSeconds,
        ),
      },
    );
  }

  #replicated(name: string, args: RedisArgs): Partial<Pick<RedisPodArgs, "replicated">> {
    const { replication, credentials, config, namespace } = args;
    if (replication === undefined || credentials.redisAuthSecretName === undefined) return {};
    const overrides = new k8s.core.v1.Secret(
      `${name}-overrides`,
      {
        // A Secret, though there is none in it, because it changes in place: pods that wait see it without a restart.
        metadata: { name: "redis-overrides", namespace, labels: componentLabels(config.namespace, "redis") },
        stringData: { "accept-data-loss": config.bootstrap.acceptDataLoss ?? "" },
      },
      { parent: this },
    );
    return {
      replicated: {
        ...replication,
        authSecretName: credentials.redisAuthSecretName,
        overridesSecretName: overrides.metadata.name,
      },
    };
  }
}
