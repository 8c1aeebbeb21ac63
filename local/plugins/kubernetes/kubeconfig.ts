import { homedir } from "node:os";
import { KubeConfig } from "@kubernetes/client-node";
import type { Context } from "@kubernetes/client-node";
import { PluginError } from "../rpc/pluginError.ts";
import { isKubeconfigPath } from "./providerConfig.ts";
import type { ProviderConfig } from "./providerConfig.ts";

/** A loaded kubeconfig: where the API server is and which namespace its context prefers. */
export interface ClusterAccess {
  readonly kubeconfig: KubeConfig;
  readonly server: URL;
  readonly defaultNamespace: string;
}

/**
 * Loads the kubeconfig that the settings name; without any, KUBECONFIG, ~/.kube/config or the service account
 * of the pod this runs in.
 *
 * @throws PluginError `KUBECONFIG` when it cannot be read or names no cluster
 */
export function loadClusterAccess(config: ProviderConfig): ClusterAccess {
  const kubeconfig = new KubeConfig();
  try {
    load(kubeconfig, config.kubeconfig);
  } catch (error) {
    throw broken("cannot be loaded", error);
  }
  if (config.context !== undefined) {
    const names = kubeconfig.getContexts().map(({ name }) => name);
    if (!names.includes(config.context)) {
      throw broken(`has no context "${config.context}"; it has ${names.join(", ") || "none"}`);
    }
    kubeconfig.setCurrentContext(config.context);
  }
  if (config.cluster !== undefined) useCluster(kubeconfig, config.cluster);
  const server = kubeconfig.getCurrentCluster()?.server;
  if (server === undefined || server === "") {
    throw broken(`names no cluster for context "${kubeconfig.getCurrentContext()}"`);
  }
  return {
    kubeconfig,
    server: new URL(server),
    defaultNamespace: config.namespace ?? currentContext(kubeconfig)?.namespace ?? "default",
  };
}

/** Points at another API server with the chosen context's user and namespace. */
function useCluster(kubeconfig: KubeConfig, cluster: string): void {
  const context = currentContext(kubeconfig);
  if (context === null) throw broken("has no current context");
  const name = `${context.name} on ${cluster}`;
  kubeconfig.addContext({ ...context, name, cluster });
  kubeconfig.setCurrentContext(name);
}

function currentContext(kubeconfig: KubeConfig): Context | null {
  return kubeconfig.getContextObject(kubeconfig.getCurrentContext());
}

function load(kubeconfig: KubeConfig, source: string | undefined): void {
  if (source === undefined) kubeconfig.loadFromDefault();
  else if (isKubeconfigPath(source)) kubeconfig.loadFromFile(source.replace(/^~(?=\/)/, () => homedir()));
  else kubeconfig.loadFromString(source);
}

function broken(got: string, cause?: unknown): PluginError {
  return new PluginError(
    "KUBECONFIG",
    `The kubeconfig ${got}. Expected a file or text with a reachable cluster; set the provider's kubeconfig and ` +
      "context, or KUBECONFIG.",
    { cause },
  );
}
