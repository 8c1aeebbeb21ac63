import { ApiException, AppsV1Api, CoreV1Api, KubeConfig, type V1Namespace } from "@kubernetes/client-node";
import { waitFor } from "../../local/support/waitFor.ts";
import { OperationError } from "./errors.ts";

/** Which cluster to talk to. */
export interface ClusterAccess {
  /** Path of a kubeconfig; undefined for the ambient one. */
  readonly kubeconfig?: string | undefined;
  /** Context in it; undefined for the current one. */
  readonly context?: string | undefined;
}

const NAMESPACE_DELETION_SECONDS = 180;

function kubeConfig(access: ClusterAccess): KubeConfig {
  const config = new KubeConfig();
  if (access.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(access.kubeconfig);
  if (access.context !== undefined) config.setCurrentContext(access.context);
  return config;
}

function coreApi(access: ClusterAccess): CoreV1Api {
  return kubeConfig(access).makeApiClient(CoreV1Api);
}

/** Clients for pods and for the sets that make them. */
export function workloadApis(access: ClusterAccess): { readonly apps: AppsV1Api; readonly core: CoreV1Api } {
  const config = kubeConfig(access);
  return { apps: config.makeApiClient(AppsV1Api), core: config.makeApiClient(CoreV1Api) };
}

async function readNamespace(api: CoreV1Api, name: string): Promise<V1Namespace | undefined> {
  try {
    return await api.readNamespace({ name });
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

/**
 * Deletes the namespace of a stack with everything in it, its volumes included, and waits until it is gone.
 *
 * @throws OperationError when the namespace does not carry this project's labels: it is somebody else's.
 * @returns whether there was one.
 */
export async function deleteStackNamespace(access: ClusterAccess, name: string): Promise<boolean> {
  const api = coreApi(access);
  const namespace = await readNamespace(api, name);
  if (namespace === undefined) return false;
  const partOf = namespace.metadata?.labels?.["app.kubernetes.io/part-of"];
  if (partOf !== "sessiondb") {
    throw new OperationError(
      `namespace ${name} was not made by this project (label app.kubernetes.io/part-of is "${partOf ?? ""}", expected "sessiondb"). ` +
        `Nothing was deleted; if it is yours to delete, run: kubectl delete namespace ${name}`,
    );
  }
  await api.deleteNamespace({ name, propagationPolicy: "Foreground" });
  await waitFor(async () => ((await readNamespace(api, name)) === undefined ? true : undefined), {
    what: `namespace ${name} to be gone`,
    timeoutSeconds: NAMESPACE_DELETION_SECONDS,
    intervalMs: 500,
  });
  return true;
}

/** What `servesSince` reads of a pod. */
export interface PodReadiness {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly running?: { readonly startedAt?: Date } };
    }[];
  };
}

/** Whether a pod serves, and did not merely serve before the node was last stopped. */
export function servesSince(pod: PodReadiness, since: Date): boolean {
  const ready = pod.status?.conditions?.some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  );
  const containers = pod.status?.containerStatuses ?? [];
  const fresh = containers.every((container) => {
    const startedAt = container.state?.running?.startedAt;
    return startedAt !== undefined && startedAt.getTime() >= since.getTime() - 1000;
  });
  return ready === true && fresh;
}

/** Waits until every long-running pod of a namespace serves again after the cluster itself was restarted. */
export async function waitForPods(
  access: ClusterAccess,
  namespace: string,
  since: Date,
  timeoutSeconds: number,
): Promise<void> {
  const api = coreApi(access);
  await waitFor(
    async () => {
      const pods = (await api.listNamespacedPod({ namespace })).items.filter(
        (pod) => pod.metadata?.ownerReferences?.every((owner) => owner.kind !== "Job") ?? true,
      );
      const waiting = pods.filter((pod) => !servesSince(pod, since)).map((pod) => pod.metadata?.name ?? "?");
      if (waiting.length > 0) throw new Error(`not ready: ${waiting.join(", ")}`);
      return true;
    },
    {
      what: `the pods of ${namespace}`,
      timeoutSeconds,
      intervalMs: 500,
      hint: `kubectl --namespace ${namespace} describe pods`,
    },
  );
}
