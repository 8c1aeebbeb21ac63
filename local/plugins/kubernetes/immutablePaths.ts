import { groupOf } from "./objects.ts";

/** Which objects may change where the API (or the default of the provider) would replace them. */
export interface Mutability {
  readonly secretsMutable: boolean;
  readonly configMapsMutable: boolean;
}

/** Fields by `group/kind` that the API server refuses to change; everything below them counts too. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  "/PersistentVolume": [
    "spec.awsElasticBlockStore",
    "spec.azureDisk",
    "spec.azureFile",
    "spec.cephfs",
    "spec.csi",
    "spec.fc",
    "spec.flexVolume",
    "spec.gcePersistentDisk",
    "spec.hostPath",
    "spec.iscsi",
    "spec.local",
    "spec.nfs",
    "spec.rbd",
    "spec.volumeMode",
  ],
  // Not spec.resources: a claim can grow in place, and where it cannot the API server says so instead of
  // this plugin throwing the data away.
  "/PersistentVolumeClaim": [
    "spec.accessModes",
    "spec.dataSource",
    "spec.dataSourceRef",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeMode",
    "spec.volumeName",
  ],
  "/ResourceQuota": ["spec.scopes"],
  "/Service": ["spec.clusterIP", "spec.clusterIPs"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/ReplicaSet": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "apiextensions.k8s.io/CustomResourceDefinition": [
    "spec.group",
    "spec.names.kind",
    "spec.names.plural",
    "spec.scope",
  ],
  "batch/Job": [
    "spec.backoffLimitPerIndex",
    "spec.completionMode",
    "spec.completions",
    "spec.manualSelector",
    "spec.podFailurePolicy",
    "spec.podReplacementPolicy",
    "spec.selector",
    "spec.successPolicy",
    "spec.template",
  ],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "scheduling.k8s.io/PriorityClass": ["preemptionPolicy", "value"],
  "storage.k8s.io/CSIDriver": ["spec"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
};

/** Of a Pod's spec only these can change. */
const MUTABLE_POD_FIELDS = /^spec\.((initC|c)ontainers\[\d+\]\.image|activeDeadlineSeconds|tolerations)\b/;

const PAYLOAD = ["data", "stringData", "binaryData"];

/** What is being compared. */
export interface ChangedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** The object carried `immutable: true` before. */
  readonly frozen: boolean;
}

/**
 * Whether a changed field forces a new object. Secrets and ConfigMaps are replaced by default, as the real
 * plugin does, so that the pods that mount them under a generated name roll; the provider's options turn that
 * off, except for objects that were declared immutable.
 */
export function forcesReplacement(path: string, object: ChangedObject, mutability: Mutability): boolean {
  if (path === "kind" || isBelow(path, "metadata.name") || isBelow(path, "metadata.namespace")) return true;
  const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
  if (kind === "/Secret") {
    return isBelow(path, "type") || payloadForcesReplacement(path, object, mutability.secretsMutable);
  }
  if (kind === "/ConfigMap") return payloadForcesReplacement(path, object, mutability.configMapsMutable);
  if (kind === "/Pod") return path.startsWith("spec") && !MUTABLE_POD_FIELDS.test(path);
  return (IMMUTABLE[kind] ?? []).some((immutable) => isBelow(path, immutable));
}

function payloadForcesReplacement(path: string, { frozen }: ChangedObject, mutable: boolean): boolean {
  // Unfreezing is refused by the API server; freezing is an ordinary change.
  if (isBelow(path, "immutable")) return frozen;
  return (frozen || !mutable) && PAYLOAD.some((field) => isBelow(path, field));
}

/** Whether a path is the given one or leads further down from it. */
function isBelow(path: string, ancestor: string): boolean {
  if (!path.startsWith(ancestor)) return false;
  const next = path.charAt(ancestor.length);
  return next === "" || next === "." || next === "[";
}
