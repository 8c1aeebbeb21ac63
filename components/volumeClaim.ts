import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { componentLabels, type Component } from "./labels.ts";
import { DATA_VOLUME } from "./names.ts";

/** What a volume is for and how large it is. */
export interface VolumeClaimArgs {
  /** It holds what cannot be made again, and gets the protection that the stack gives to data. */
  readonly holdsData: boolean;
  readonly config: AppConfig;
  readonly namespace: pulumi.Input<string>;
  readonly component: Component;
  /** Name of the claim; for a StatefulSet's pod the name that it expects. */
  readonly claimName: string;
  readonly storageSize: string;
  /** @default the cluster's default class */
  readonly storageClass?: string | undefined;
}

/**
 * A volume. It is declared here, not by a StatefulSet's template, so that it can grow in place and, where it holds data, has
 * Pulumi's protection: retained on destroy and, where the stack asks for it, not deletable at all.
 */
export function volumeClaim(
  name: string,
  args: VolumeClaimArgs,
  parent: pulumi.Resource,
): k8s.core.v1.PersistentVolumeClaim {
  const { config } = args;
  return new k8s.core.v1.PersistentVolumeClaim(
    name,
    {
      metadata: {
        name: args.claimName,
        namespace: args.namespace,
        labels: componentLabels(config.namespace, args.component),
        // Most storage classes bind a claim only when its pod is scheduled, which waits for this claim.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: args.storageSize } },
        ...(args.storageClass === undefined ? {} : { storageClassName: args.storageClass }),
      },
    },
    {
      parent,
      protect: args.holdsData && config.data.protect,
      retainOnDelete: args.holdsData && config.data.retainOnDestroy,
    },
  );
}

/**
 * The template of a StatefulSet's claims. It is of use only when a claim was lost: the controller then makes a new one from it,
 * which has to be like the one that the program declares.
 */
export function claimTemplate(
  config: AppConfig,
  component: Component,
  storageSize: string,
): k8s.types.input.core.v1.PersistentVolumeClaim {
  const { storageClass } = config.persistence;
  return {
    metadata: { name: DATA_VOLUME, labels: componentLabels(config.namespace, component) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: storageSize } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}
