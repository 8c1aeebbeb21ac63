/** The pods of the instances that hold sessions. Pure: resources are in redis.ts. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { AGENT_PORT, REDIS_PORT } from "../../workers/shared/ports.ts";
import { DATA_VOLUME } from "../names.ts";
import {
  accountMount,
  accountVolume,
  commonPodSpec,
  CONTAINER_SECURITY_CONTEXT,
  resources,
  scratchVolume,
  secretVolume,
  spreadPodSpec,
} from "../podSpec.ts";
import { redisProbes } from "./probes.ts";
import { scriptCommand, SCRIPTS_DIRECTORY } from "./scripts.ts";
import { TOPOLOGY_DIRECTORY, TOPOLOGY_FILE } from "./topology.ts";

type Container = types.input.core.v1.Container;
type PodSpec = types.input.core.v1.PodSpec;

/** Where redis.conf appears in a container. */
export const REDIS_CONF_DIRECTORY = "/etc/sessiondb/redis";
const RUN_DIRECTORY = "/run/sessiondb";

/** Longer than a failover and a save of the data set together. */
export const TERMINATION_GRACE_SECONDS = 90;

/** What the pods mount and run. */
export interface RedisPodArgs {
  readonly config: AppConfig;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly confMapName: pulumi.Input<string>;
  readonly scriptsMapName: pulumi.Input<string>;
  readonly aclSecretName: string;
  /** Sentinel mode only: addresses of all pods, the replication login and the image of the agent. */
  readonly replicated?: {
    readonly topologyMapName: pulumi.Input<string>;
    readonly authSecretName: string;
    /** Secret with the operator's overrides for a set that refuses to start. */
    readonly overridesSecretName: pulumi.Input<string>;
    readonly workerImage: pulumi.Input<string>;
  };
}

function redisContainer(args: RedisPodArgs): Container {
  const { config } = args;
  const replicated = args.replicated !== undefined;
  return {
    name: "redis",
    image: config.images.redis,
    imagePullPolicy: config.images.pullPolicy,
    // With replicas, every start needs the agent's verdict; alone, there is nobody to ask.
    command: replicated ? scriptCommand("launch.sh") : ["redis-server", `${REDIS_CONF_DIRECTORY}/redis.conf`],
    ports: [{ name: "redis", containerPort: REDIS_PORT }],
    securityContext: CONTAINER_SECURITY_CONTEXT,
    resources: resources(config.redis.cpuRequest, config.redis.memoryLimit, config.redis.cpuLimit),
    ...redisProbes({
      startupTimeoutSeconds: config.redis.startupTimeoutSeconds,
      // Beside an agent a server may rightly wait without end before it loads anything; restarting would not help.
      startedWhen: replicated ? "alive" : "ready",
    }),
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: "/data" },
      { name: "conf", mountPath: REDIS_CONF_DIRECTORY, readOnly: true },
      { name: "scripts", mountPath: SCRIPTS_DIRECTORY, readOnly: true },
      { name: "acl", mountPath: "/etc/sessiondb/acl", readOnly: true },
      accountMount("monitor"),
      { name: "run", mountPath: RUN_DIRECTORY },
      ...(replicated ? [{ name: "auth", mountPath: "/etc/sessiondb/auth", readOnly: true }] : []),
    ],
  };
}

function agentContainer(config: AppConfig, workerImage: pulumi.Input<string>): Container {
  const probe = { httpGet: { path: "/healthz", port: AGENT_PORT }, timeoutSeconds: 5 };
  return {
    name: "agent",
    image: workerImage,
    imagePullPolicy: config.images.pullPolicy,
    args: ["/app/agent.mjs", "redis"],
    ports: [{ name: "agent", containerPort: AGENT_PORT }],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "AGENT_TOPOLOGY", value: `${TOPOLOGY_DIRECTORY}/${TOPOLOGY_FILE}` },
      { name: "AGENT_VERDICT_TIMEOUT_SECONDS", value: String(config.agent.verdictTimeoutSeconds) },
      { name: "LOG_LEVEL", value: config.logLevel },
    ],
    securityContext: CONTAINER_SECURITY_CONTEXT,
    resources: resources(config.agent.cpuRequest, config.agent.memoryLimit),
    readinessProbe: { ...probe, periodSeconds: 5 },
    livenessProbe: { ...probe, periodSeconds: 30, failureThreshold: 4 },
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: "/data" },
      { name: "run", mountPath: RUN_DIRECTORY },
      { name: "topology", mountPath: TOPOLOGY_DIRECTORY, readOnly: true },
      // A file and not a variable: setting it must reach pods that wait, without starting them anew one by one.
      { name: "overrides", mountPath: "/etc/sessiondb/overrides", readOnly: true },
      accountMount("monitor"),
      // It makes a replica promotable once that holds a copy, which takes CONFIG SET.
      accountMount("admin"),
    ],
  };
}

/** The pod of a Redis that holds sessions, without its data volume: that one comes from the claim. */
export function redisPodSpec(args: RedisPodArgs): PodSpec {
  const { config, replicated } = args;
  return {
    ...commonPodSpec(config, args.serviceAccountName),
    ...spreadPodSpec(config, "redis"),
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    containers: [
      redisContainer(args),
      ...(replicated === undefined ? [] : [agentContainer(config, replicated.workerImage)]),
    ],
    volumes: [
      { name: "conf", configMap: { name: args.confMapName } },
      { name: "scripts", configMap: { name: args.scriptsMapName } },
      secretVolume("acl", args.aclSecretName),
      accountVolume("monitor"),
      scratchVolume("run"),
      ...(replicated === undefined
        ? []
        : [
            secretVolume("auth", replicated.authSecretName),
            secretVolume("overrides", replicated.overridesSecretName),
            accountVolume("admin"),
            { name: "topology", configMap: { name: replicated.topologyMapName } },
          ]),
      ...(config.persistence.enabled ? [] : [scratchVolume(DATA_VOLUME)]),
    ],
  };
}
