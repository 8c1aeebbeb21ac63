import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { componentLabels, componentSelector, type Component } from "./labels.ts";

/** What belongs to the objects of one component. */
export interface ComponentObjectArgs {
  readonly config: AppConfig;
  readonly namespace: pulumi.Input<string>;
  readonly component: Component;
}

/** The identity of a component's pods. It has no rights and no token: nothing here talks to the API server. */
export function serviceAccount(
  name: string,
  args: ComponentObjectArgs,
  parent: pulumi.Resource,
): k8s.core.v1.ServiceAccount {
  return new k8s.core.v1.ServiceAccount(
    name,
    {
      metadata: { namespace: args.namespace, labels: componentLabels(args.config.namespace, args.component) },
      automountServiceAccountToken: false,
    },
    { parent },
  );
}

/** Files for a component's pods. A change gives it a new name, and with that its pods a rolling restart. */
export function configMap(
  name: string,
  args: ComponentObjectArgs & { readonly data: pulumi.Input<Record<string, pulumi.Input<string>>> },
  parent: pulumi.Resource,
): k8s.core.v1.ConfigMap {
  return new k8s.core.v1.ConfigMap(
    name,
    {
      metadata: { namespace: args.namespace, labels: componentLabels(args.config.namespace, args.component) },
      data: args.data,
    },
    { parent },
  );
}

/** At most one pod of a set may be drained at a time. Only for sets: on a single pod it would block every drain. */
export function disruptionBudget(
  name: string,
  args: ComponentObjectArgs,
  parent: pulumi.Resource,
): k8s.policy.v1.PodDisruptionBudget {
  const { config, component } = args;
  return new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: { namespace: args.namespace, labels: componentLabels(config.namespace, component) },
      spec: { maxUnavailable: 1, selector: { matchLabels: componentSelector(config.namespace, component) } },
    },
    { parent },
  );
}

const ROLLOUT_MARGIN_SECONDS = 300;

/**
 * How long a StatefulSet's rollout may take: its pods go one after the other, each ends and loads its data. The provider's own
 * limit of ten minutes would call a healthy rollout of a large set failed.
 *
 * @param secondsPerPod what one pod may take to end and to be ready again
 */
export function rolloutTimeouts(pods: number, secondsPerPod: number): pulumi.CustomTimeouts {
  const limit = `${pods * secondsPerPod + ROLLOUT_MARGIN_SECONDS}s`;
  return { create: limit, update: limit };
}
