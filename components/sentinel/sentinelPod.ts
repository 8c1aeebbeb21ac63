/** The pods of the Sentinels. Pure: resources are in sentinel.ts. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { AGENT_PORT, SENTINEL_PORT } from "../../workers/shared/ports.ts";
import { DATA_VOLUME } from "../names.ts";
import {
  accountMount,
  accountVolume,
  commonPodSpec,
  CONTAINER_SECURITY_CONTEXT,
  resources,
  secretVolume,
  spreadPodSpec,
} from "../podSpec.ts";
import { scriptCommand, SCRIPTS_DIRECTORY } from "../redis/scripts.ts";
import { TOPOLOGY_DIRECTORY, TOPOLOGY_FILE } from "../redis/topology.ts";

type Container = types.input.core.v1.Container;
type PodSpec = types.input.core.v1.PodSpec;

const SETTINGS_DIRECTORY = "/etc/sessiondb/sentinel";
const AUTH_DIRECTORY = "/etc/sessiondb/auth";
/** It keeps nothing that it would have to write at the end. */
export const TERMINATION_GRACE_SECONDS = 15;
const PROBE_TIMEOUT_SECONDS = 5;

/** What the pods mount and run. */
export interface SentinelPodArgs {
  readonly config: AppConfig;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly settingsMapName: pulumi.Input<string>;
  readonly scriptsMapName: pulumi.Input<string>;
  readonly topologyMapName: pulumi.Input<string>;
  readonly aclSecretName: string;
  readonly authSecretName: string;
  readonly workerImage: pulumi.Input<string>;
}

/** Decides which primary to watch before the first start, and refreshes settings before every later one. */
function initContainer(args: SentinelPodArgs): Container {
  const { config } = args;
  return {
    name: "sentinel-init",
    image: args.workerImage,
    imagePullPolicy: config.images.pullPolicy,
    args: ["/app/agent.mjs", "sentinel-init"],
    ports: [{ name: "agent", containerPort: AGENT_PORT }],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "AGENT_TOPOLOGY", value: `${TOPOLOGY_DIRECTORY}/${TOPOLOGY_FILE}` },
      { name: "AGENT_VERDICT_TIMEOUT_SECONDS", value: String(config.agent.verdictTimeoutSeconds) },
      { name: "SENTINEL_SETTINGS", value: `${SETTINGS_DIRECTORY}/sentinel.conf` },
      { name: "SENTINEL_AUTH", value: `${AUTH_DIRECTORY}/auth.conf` },
      { name: "LOG_LEVEL", value: config.logLevel },
    ],
    securityContext: CONTAINER_SECURITY_CONTEXT,
    resources: resources(config.agent.cpuRequest, config.agent.memoryLimit),
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: "/data" },
      { name: "settings", mountPath: SETTINGS_DIRECTORY, readOnly: true },
      { name: "auth", mountPath: AUTH_DIRECTORY, readOnly: true },
      { name: "topology", mountPath: TOPOLOGY_DIRECTORY, readOnly: true },
      accountMount("monitor"),
    ],
  };
}

function sentinelContainer({ config }: SentinelPodArgs): Container {
  return {
    name: "sentinel",
    image: config.images.redis,
    imagePullPolicy: config.images.pullPolicy,
    // It rewrites its file, passwords and all, under the umask.
    command: ["sh", "-c", "umask 077; exec redis-server /data/sentinel.conf --sentinel"],
    ports: [{ name: "sentinel", containerPort: SENTINEL_PORT }],
    securityContext: CONTAINER_SECURITY_CONTEXT,
    resources: resources(config.sentinel.cpuRequest, config.sentinel.memoryLimit),
    readinessProbe: {
      exec: { command: scriptCommand("sentinel-ready.sh") },
      periodSeconds: 5,
      timeoutSeconds: PROBE_TIMEOUT_SECONDS,
    },
    livenessProbe: {
      tcpSocket: { port: SENTINEL_PORT },
      periodSeconds: 30,
      timeoutSeconds: PROBE_TIMEOUT_SECONDS,
      failureThreshold: 4,
    },
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: "/data" },
      { name: "scripts", mountPath: SCRIPTS_DIRECTORY, readOnly: true },
      { name: "acl", mountPath: "/etc/sessiondb/acl", readOnly: true },
      accountMount("monitor"),
    ],
  };
}

/** The pod of a Sentinel, without its data volume: that one comes from the claim. */
export function sentinelPodSpec(args: SentinelPodArgs): PodSpec {
  return {
    ...commonPodSpec(args.config, args.serviceAccountName),
    ...spreadPodSpec(args.config, "sentinel"),
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    initContainers: [initContainer(args)],
    containers: [sentinelContainer(args)],
    volumes: [
      { name: "settings", configMap: { name: args.settingsMapName } },
      { name: "scripts", configMap: { name: args.scriptsMapName } },
      { name: "topology", configMap: { name: args.topologyMapName } },
      secretVolume("acl", args.aclSecretName),
      secretVolume("auth", args.authSecretName),
      accountVolume("monitor"),
    ],
  };
}
