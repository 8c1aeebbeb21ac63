import { PluginError } from "../rpc/pluginError.ts";

/** The API server did not answer at all, after all retries. */
export class UnreachableError extends PluginError {
  override readonly name = "UnreachableError";

  constructor(server: string, cause: unknown) {
    const got = cause instanceof Error ? cause.message : String(cause);
    super(
      "CLUSTER_UNREACHABLE",
      `Cannot reach the Kubernetes API at ${server}: ${got}. Expected an answer; check that the cluster runs and ` +
        "that the kubeconfig and its context name the right one.",
      { cause },
    );
  }
}
