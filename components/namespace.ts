import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stackLabels } from "./labels.ts";

/** Arguments of `Namespace`. */
export interface NamespaceArgs {
  /** Name of the Kubernetes namespace. */
  readonly name: string;
  /** Pulumi refuses to delete it. @default false */
  readonly protect?: boolean;
  /** It stays in the cluster when the stack is destroyed, because it holds the volumes. @default true */
  readonly retainOnDelete?: boolean;
}

const POD_SECURITY_LEVEL = "restricted";

/**
 * The namespace of a stack, in which Kubernetes itself refuses pods that are not hardened.
 *
 * @example
 * const namespace = new Namespace("sessiondb-namespace", { name: "sessiondb-dev" });
 */
export class Namespace extends pulumi.ComponentResource {
  /** Name of the namespace; whatever uses it waits until it exists. */
  readonly namespaceName: pulumi.Output<string>;

  constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Namespace", name, {}, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-object`,
      {
        metadata: {
          name: args.name,
          labels: {
            ...stackLabels(args.name),
            "pod-security.kubernetes.io/enforce": POD_SECURITY_LEVEL,
            "pod-security.kubernetes.io/audit": POD_SECURITY_LEVEL,
            "pod-security.kubernetes.io/warn": POD_SECURITY_LEVEL,
          },
        },
      },
      { parent: this, protect: args.protect ?? false, retainOnDelete: args.retainOnDelete ?? true },
    );
    this.namespaceName = namespace.metadata.name;
    this.registerOutputs({ namespaceName: this.namespaceName });
  }
}
