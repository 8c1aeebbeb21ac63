import { stringify } from "yaml";
import { PROVISIONER_NAME, PROVISIONER_NAMESPACE } from "./components.ts";
import { BUSYBOX_IMAGE } from "./settings.ts";

/** The pod that makes and removes a volume's folder; the provisioner fills in command and mounts. */
export function renderHelperPod(): string {
  return stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "helper-pod" },
    spec: { containers: [{ name: "helper-pod", image: BUSYBOX_IMAGE, imagePullPolicy: "IfNotPresent" }] },
  });
}

/**
 * Objects that every cluster of a cloud provider has and a bare API server lacks: a default storage class
 * with its provisioner's rights, and the right of kube-proxy to watch Services.
 */
export function renderAddons(): string {
  const metadata = { name: "provisioner", namespace: PROVISIONER_NAMESPACE };
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: PROVISIONER_NAMESPACE } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "provisioner-scripts", namespace: PROVISIONER_NAMESPACE },
      data: {
        setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
        teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
      },
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "local-path",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: PROVISIONER_NAME,
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "kube-proxy" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:node-proxier" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "system:kube-proxy" }],
    },
  ];
  return objects.map((object) => stringify(object)).join("---\n");
}
