import { setTimeout as delay } from "node:timers/promises";
import type { Reporter } from "../../local/support/report.ts";
import { workloadApis, type ClusterAccess } from "./kubernetes.ts";

const LOOK_EVERY_MS = 5_000;
const SELECTOR = "app.kubernetes.io/part-of=sessiondb";
const REVISION_LABEL = "controller-revision-hash";

/** What is looked at of a StatefulSet. */
export interface SetState {
  readonly name: string;
  /** Revision that its pods are to have. */
  readonly updateRevision: string | undefined;
  readonly readyReplicas: number;
}

/** What is looked at of a pod. */
export interface PodState {
  readonly name: string;
  /** Name of the StatefulSet that it belongs to. */
  readonly set: string | undefined;
  readonly revision: string | undefined;
  readonly terminating: boolean;
}

/**
 * Pods that hold up a rollout for ever. Kubernetes replaces the pods of a set one by one and waits for each to become ready;
 * in a set whose members wait for each other at their first start, the first replaced pod then waits for others that
 * still have the broken template. As long as a single pod of the set is ready, nothing is stalled.
 */
export function stalledPods(sets: readonly SetState[], pods: readonly PodState[]): string[] {
  const stalled = sets.filter(
    ({ readyReplicas, updateRevision }) => readyReplicas === 0 && updateRevision !== undefined,
  );
  return pods
    .filter((pod) => {
      const set = stalled.find(({ name }) => name === pod.set);
      return set !== undefined && !pod.terminating && pod.revision !== set.updateRevision;
    })
    .map(({ name }) => name);
}

/** One look at a namespace: deletes what stalls, so that its controller makes it anew from the current template. */
async function look(access: ClusterAccess, namespace: string, reporter: Reporter): Promise<void> {
  const { apps, core } = workloadApis(access);
  const [sets, pods] = await Promise.all([
    apps.listNamespacedStatefulSet({ namespace, labelSelector: SELECTOR }),
    core.listNamespacedPod({ namespace, labelSelector: SELECTOR }),
  ]);
  const stalled = stalledPods(
    sets.items
      // Until the controller has seen the newest template, its revision says nothing.
      .filter(({ metadata, status }) => status?.observedGeneration === metadata?.generation)
      .map(({ metadata, status }) => ({
        name: metadata?.name ?? "",
        updateRevision: status?.updateRevision,
        readyReplicas: status?.readyReplicas ?? 0,
      })),
    pods.items.map(({ metadata }) => ({
      name: metadata?.name ?? "",
      set: metadata?.ownerReferences?.find(({ kind }) => kind === "StatefulSet")?.name,
      revision: metadata?.labels?.[REVISION_LABEL],
      terminating: metadata?.deletionTimestamp !== undefined,
    })),
  );
  for (const name of stalled) {
    reporter.notice(
      `pod ${name} has an outdated template and nobody of its set is ready: deleting it, so that it is made anew`,
    );
    await core.deleteNamespacedPod({ name, namespace });
  }
}

/** Runs a deployment and meanwhile keeps its rollout from stalling. A failed look is not the deployment's failure. */
export async function withoutStalling<T>(
  access: ClusterAccess,
  namespace: string,
  reporter: Reporter,
  deployment: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await delay(LOOK_EVERY_MS, undefined, { signal: done.signal });
      await look(access, namespace, reporter).catch(() => undefined);
    }
  };
  // It ends by the abort only, and that ends its pause with an error.
  const watching = watch().catch(() => undefined);
  try {
    return await deployment();
  } finally {
    done.abort();
    await watching;
  }
}
