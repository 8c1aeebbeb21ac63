import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { componentLabels, componentSelector, type Component } from "./labels.ts";

/** Which pods a Service stands for and on which ports. */
export interface ServiceArgs {
  readonly config: AppConfig;
  readonly namespace: pulumi.Input<string>;
  readonly component: Component;
  readonly serviceName: string;
  /** TCP ports by name. */
  readonly ports: Readonly<Record<string, number>>;
}

function service(
  name: string,
  args: ServiceArgs,
  spec: k8s.types.input.core.v1.ServiceSpec,
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: {
        name: args.serviceName,
        namespace: args.namespace,
        labels: componentLabels(args.config.namespace, args.component),
        // Its pods come later in the same deployment; waiting for them here would only cost time.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        ...spec,
        ports: Object.entries(args.ports).map(([portName, port]) => ({
          name: portName,
          port,
          targetPort: port,
          protocol: "TCP",
        })),
      },
    },
    { parent },
  );
}

/** One address for all ready pods of a component. */
export function clusterService(
  name: string,
  args: ServiceArgs,
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  return service(
    name,
    args,
    { type: "ClusterIP", selector: componentSelector(args.config.namespace, args.component) },
    parent,
  );
}

/** The Service that gives a StatefulSet's pods their names. */
export function headlessService(
  name: string,
  args: ServiceArgs,
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  const selector = componentSelector(args.config.namespace, args.component);
  return service(name, args, { clusterIP: "None", publishNotReadyAddresses: true, selector }, parent);
}

/**
 * An address for one pod of a StatefulSet. It outlives the pod and holds before the pod is ready: peers and Sentinels know
 * the pod by it, so no address ever goes stale and failover needs no name lookup.
 */
export function podService(
  name: string,
  args: ServiceArgs,
  pod: string,
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  const selector = {
    ...componentSelector(args.config.namespace, args.component),
    "statefulset.kubernetes.io/pod-name": pod,
  };
  return service(name, args, { type: "ClusterIP", publishNotReadyAddresses: true, selector }, parent);
}
