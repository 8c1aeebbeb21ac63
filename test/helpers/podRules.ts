/** Rules that every pod of a deployment keeps. Each returns what offends, in words; nothing when all is well. Pure. */
import {
  at,
  isSecretEnvelope,
  reveal,
  textOf,
  type Plain,
  type PlainObject,
  type Recorded,
} from "./pulumi.ts";

/** A container of a pod. */
export interface ContainerSpec {
  /** Workload and container, for messages. */
  readonly label: string;
  readonly spec: PlainObject;
  /** It stays up as long as its pod: no init container that ends, no container of a Job. */
  readonly longRunning: boolean;
}

/** The pods that a workload makes. */
export interface PodTemplate {
  readonly label: string;
  readonly spec: PlainObject;
  readonly containers: readonly ContainerSpec[];
}

const ALLOWED_VOLUMES: ReadonlySet<string> = new Set([
  ...[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
  ],
]);
const ADDABLE_CAPABILITIES: ReadonlySet<string> = new Set(["NET_BIND_SERVICE"]);
const UID = 999;

function objects(value: Plain): PlainObject[] {
  const open = reveal(value);
  return Array.isArray(open) ? (open as PlainObject[]) : [];
}

/** The pods of every workload among the resources. */
export function podTemplates(resources: readonly Recorded[]): PodTemplate[] {
  return resources.flatMap(({ type, name, inputs }) => {
    const kind = type.split(":").at(-1) ?? "";
    const paths: Record<string, readonly string[]> = {
      StatefulSet: ["spec", "template", "spec"],
      Deployment: ["spec", "template", "spec"],
      DaemonSet: ["spec", "template", "spec"],
      Job: ["spec", "template", "spec"],
      CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
      Pod: ["spec"],
    };
    const path = paths[kind];
    if (path === undefined || !type.startsWith("kubernetes:")) return [];
    const label = `${kind} ${name}`;
    const spec = rawAt(inputs, path) as PlainObject;
    const ends = kind === "Job" || kind === "CronJob";
    const main = rawList(spec.containers).map((container) => containerSpec(label, container, !ends));
    const init = rawList(spec.initContainers).map((container) =>
      containerSpec(label, container, container.restartPolicy === "Always"),
    );
    return [{ label, spec, containers: [...init, ...main] }];
  });
}

function containerSpec(workload: string, spec: PlainObject, longRunning: boolean): ContainerSpec {
  return { label: `${workload}, container ${textOf(spec.name)}`, spec, longRunning };
}

/** As `at`, but keeps envelopes below the path. */
function rawAt(value: Plain, path: readonly string[]): Plain {
  return path.reduce<Plain>((current, step) => (current as PlainObject)[step], value);
}

function rawList(value: Plain): PlainObject[] {
  return Array.isArray(value) ? (value as PlainObject[]) : [];
}

/** Pod Security `restricted`, and stricter where this project is: fixed user, read-only root, no token. */
export function unhardened(pods: readonly PodTemplate[]): string[] {
  return pods.flatMap((pod) => [
    ...podProblems(pod).map((problem) => `${pod.label}: ${problem}`),
    ...pod.containers.flatMap(({ label, spec }) =>
      containerProblems(spec).map((problem) => `${label}: ${problem}`),
    ),
  ]);
}

function podProblems({ spec }: PodTemplate): string[] {
  const expected: readonly (readonly [readonly string[], Plain])[] = [
    [["securityContext", "runAsNonRoot"], true],
    [["securityContext", "runAsUser"], UID],
    [["securityContext", "runAsGroup"], UID],
    [["securityContext", "fsGroup"], UID],
    [["securityContext", "seccompProfile", "type"], "RuntimeDefault"],
    [["automountServiceAccountToken"], false],
    [["enableServiceLinks"], false],
  ];
  const wrong = expected
    .filter(([path, value]) => at(spec, ...path) !== value)
    .map(([path, value]) => `${path.join(".")} is ${textOf(at(spec, ...path))}, expected ${textOf(value)}`);
  const host = ["hostNetwork", "hostPID", "hostIPC", "hostUsers"].filter((field) => spec[field] === true);
  const volumes = objects(spec.volumes).flatMap((volume) =>
    Object.keys(volume).filter((key) => key !== "name" && !ALLOWED_VOLUMES.has(key)),
  );
  const account = at(spec, "serviceAccountName");
  return [
    ...wrong,
    ...host.map((field) => `${field} is on`),
    ...volumes.map((kind) => `has a volume of kind ${kind}`),
    ...(account === undefined || account === "" || account === "default"
      ? ["runs as the default ServiceAccount"]
      : []),
  ];
}

function containerProblems(spec: PlainObject): string[] {
  const context = reveal(spec.securityContext) as PlainObject | undefined;
  const expected: Readonly<Record<string, Plain>> = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
  };
  const wrong = Object.entries(expected)
    .filter(([field, value]) => context?.[field] !== value)
    .map(([field, value]) => `${field} is ${textOf(context?.[field])}, expected ${textOf(value)}`);
  const dropped = objects(at(context, "capabilities", "drop")).map(textOf);
  const added = objects(at(context, "capabilities", "add")).map(textOf);
  return [
    ...wrong,
    ...(dropped.includes("ALL") ? [] : ["does not drop all capabilities"]),
    ...added.filter((name) => !ADDABLE_CAPABILITIES.has(name)).map((name) => `adds the capability ${name}`),
    ...(context?.privileged === true ? ["is privileged"] : []),
    ...(context?.runAsNonRoot === false || context?.runAsUser === 0 ? ["may run as root"] : []),
    ...objects(spec.ports)
      .filter((port) => port.hostPort !== undefined)
      .map((port) => `takes the host's port ${textOf(port.hostPort)}`),
  ];
}

/** Every container says what it needs; what stays up says how one can see that it works. */
export function unbounded(pods: readonly PodTemplate[]): string[] {
  return pods.flatMap(({ containers }) =>
    containers.flatMap(({ label, spec, longRunning }) => {
      const bounds = [
        ["requests", "cpu"],
        ["requests", "memory"],
        ["limits", "memory"],
      ].filter((path) => at(spec, "resources", ...path) === undefined);
      const probes = longRunning
        ? ["readinessProbe", "livenessProbe"].filter((probe) => spec[probe] === undefined)
        : [];
      return [
        ...bounds.map((path) => `${label}: no resources.${path.join(".")}`),
        ...probes.map((probe) => `${label}: no ${probe}`),
      ];
    }),
  );
}

/** Secrets reach containers as files: never through their environment or arguments, where they are easily seen. */
export function exposedSecrets(pods: readonly PodTemplate[]): string[] {
  return pods.flatMap(({ containers }) =>
    containers.flatMap(({ label, spec }) => {
      const env = rawList(spec.env).filter(
        (entry) => holdsSecret(entry.value) || at(entry, "valueFrom", "secretKeyRef") !== undefined,
      );
      const envFrom = rawList(spec.envFrom).filter((source) => source.secretRef !== undefined);
      const words = [...rawList(spec.command), ...rawList(spec.args)];
      const flags = words.filter((word) =>
        ["-a", "--pass", "--requirepass", "--masterauth"].includes(textOf(word)),
      );
      return [
        ...env.map((entry) => `${label}: secret in the environment variable ${textOf(entry.name)}`),
        ...envFrom.map(() => `${label}: a whole Secret in the environment`),
        ...flags.map((flag) => `${label}: a password after the argument ${textOf(flag)}`),
        ...(words.some(holdsSecret) ? [`${label}: a secret among the arguments`] : []),
      ];
    }),
  );
}

function holdsSecret(value: Plain): boolean {
  return isSecretEnvelope(value);
}
