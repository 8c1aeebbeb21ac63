/** What all pods have in common: Pod Security `restricted`, placement, accounts as files. Pure. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import type { AccountName } from "./aclFile.ts";
import { componentSelector, type Component } from "./labels.ts";
import { accountSecretName } from "./names.ts";

type PodSpec = types.input.core.v1.PodSpec;
type CommonPodSpec = Omit<Partial<PodSpec>, "containers">;
type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** User and group of every process: the ones of the official Redis image. */
const UID = 999;

/** Read by the pod's group only, which is the one of its process. */
const SECRET_FILE_MODE = 0o440;

/** Folder below which each account's Secret is mounted. */
export const ACCOUNTS_DIRECTORY = "/etc/sessiondb/accounts";

/** Security settings of a pod. */
export const POD_SECURITY_CONTEXT: types.input.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: UID,
  runAsGroup: UID,
  fsGroup: UID,
  // Changing the owner of every file at each start would take minutes on a large volume.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** Security settings of a container. */
export const CONTAINER_SECURITY_CONTEXT: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** CPU is only requested, because throttling looks like a hung server; memory is limited to what is requested. */
export function resources(
  cpuRequest: string,
  memoryLimit: string,
  cpuLimit?: string,
): Container["resources"] {
  return {
    requests: { cpu: cpuRequest, memory: memoryLimit },
    limits: { memory: memoryLimit, ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }) },
  };
}

/** An account's Secret as a volume. */
export function accountVolume(account: AccountName): Volume {
  return secretVolume(`account-${account}`, accountSecretName(account));
}

/** Where an account's Secret appears in a container: one file per key. */
export function accountMount(account: AccountName): VolumeMount {
  return { name: `account-${account}`, mountPath: `${ACCOUNTS_DIRECTORY}/${account}`, readOnly: true };
}

/** A Secret as a volume whose files only the pod's own process can read. */
export function secretVolume(name: string, secretName: pulumi.Input<string>): Volume {
  return { name, secret: { secretName, defaultMode: SECRET_FILE_MODE } };
}

/** A folder of the pod's own, as large as it gets unless bounded. */
export function scratchVolume(name: string, sizeLimit?: string): Volume {
  return { name, emptyDir: sizeLimit === undefined ? {} : { sizeLimit } };
}

function antiAffinity(
  level: "required" | "preferred" | "off",
  selector: Record<string, string>,
): PodSpec["affinity"] {
  if (level === "off") return undefined;
  const term = { labelSelector: { matchLabels: selector }, topologyKey: "kubernetes.io/hostname" };
  return level === "required"
    ? { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    : {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
        },
      };
}

function zoneSpread(
  level: "required" | "preferred" | "off",
  selector: Record<string, string>,
): PodSpec["topologySpreadConstraints"] {
  if (level === "off") return undefined;
  return [
    {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: level === "required" ? "DoNotSchedule" : "ScheduleAnyway",
      labelSelector: { matchLabels: selector },
    },
  ];
}

/** Nodes that any pod of the stack may run on, and how images are pulled. */
export function commonPodSpec(config: AppConfig, serviceAccountName: pulumi.Input<string>): CommonPodSpec {
  const { placement, images } = config;
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    // Dozens of variables with addresses of other Services, which nobody reads.
    enableServiceLinks: false,
    securityContext: POD_SECURITY_CONTEXT,
    nodeSelector: { ...placement.nodeSelector },
    tolerations: placement.tolerations.map((toleration) => ({ ...toleration })),
    imagePullSecrets: images.pullSecrets.map((name) => ({ name })),
  };
}

/** Placement of the pods of one set: apart from each other, over nodes and zones. */
export function spreadPodSpec(config: AppConfig, component: Component): CommonPodSpec {
  const selector = componentSelector(config.namespace, component);
  const affinity = antiAffinity(config.placement.podAntiAffinity, selector);
  const constraints = zoneSpread(config.placement.zoneSpread, selector);
  return {
    ...(affinity === undefined ? {} : { affinity }),
    ...(constraints === undefined ? {} : { topologySpreadConstraints: constraints }),
  };
}
