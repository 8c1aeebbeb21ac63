import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { componentLabels, stackLabels } from "../labels.ts";
import { stackComponents } from "./flows.ts";
import { componentPolicy, DENY_ALL } from "./policies.ts";

/** Arguments of `Network`. */
export interface NetworkArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * Network isolation: everything is denied in both directions, and each component gets exactly the rows of the table of flows
 * that name it.
 *
 * @example
 * new Network("sessiondb-network", { config, namespace }, { parent });
 */
export class Network extends pulumi.ComponentResource {
  /** The policies; pods are made after them. */
  readonly policies: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Network", name, {}, opts);
    const { config, namespace } = args;
    const policy = (
      suffix: string,
      labels: Record<string, string>,
      spec: k8s.types.input.networking.v1.NetworkPolicySpec,
    ): k8s.networking.v1.NetworkPolicy =>
      new k8s.networking.v1.NetworkPolicy(
        `${name}-${suffix}`,
        { metadata: { namespace, labels }, spec },
        { parent: this },
      );
    this.policies = config.network.policies
      ? [
          policy("deny-all", stackLabels(config.namespace), DENY_ALL),
          ...stackComponents(config).map((component) =>
            policy(
              component,
              componentLabels(config.namespace, component),
              componentPolicy(config, component),
            ),
          ),
        ]
      : [];
    this.registerOutputs({});
  }
}
