import { hasUnknown } from "../rpc/envelopes.ts";
import { booleanAt, stringAt } from "../rpc/json.ts";
import type { Configuration } from "../rpc/plugin.ts";
import { PluginError } from "../rpc/pluginError.ts";

/** Provider settings, from arguments, stack configuration and environment, in this order. */
export interface ProviderConfig {
  /** Contents or path of a kubeconfig; absent means the usual places. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  /** Namespace for objects that name none. */
  readonly namespace?: string;
  /** A changed Secret is updated in place instead of replaced. */
  readonly secretsMutable: boolean;
  /** A changed ConfigMap is updated in place instead of replaced. */
  readonly configMapsMutable: boolean;
  /** Applies take over fields that other managers own. */
  readonly forceConflicts: boolean;
  /** Creating an object that exists updates it instead of failing. */
  readonly upsertsExisting: boolean;
  /** The arguments are not known yet: a preview, with a cluster that the same update makes. */
  readonly pending: boolean;
}

/** Arguments that change what the plugin does in ways the stand-in has no code for. */
const UNSUPPORTED = ["renderYamlToDirectory", "deleteUnreachable"] as const;

/**
 * Reads the provider's settings.
 *
 * @throws PluginError `UNSUPPORTED_OPTION` for options that would be ignored in silence
 */
export function providerConfig(configuration: Configuration, env: NodeJS.ProcessEnv): ProviderConfig {
  const { args, variables } = configuration;
  const text = (name: string): string | undefined => {
    const value = stringAt(args, name) ?? variables.get(`kubernetes:config:${name}`);
    return value === undefined || value === "" ? undefined : value;
  };
  const flag = (name: string, variable: string): boolean | undefined =>
    booleanAt(args, name) ?? booleanAt({ value: text(name) ?? env[variable] }, "value");

  refuseUnsupported(text);
  if (flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY") === false) {
    throw unsupported(
      "enableServerSideApply",
      "false",
      "true or nothing: every change is a server-side apply",
    );
  }
  return {
    ...optional("kubeconfig", text("kubeconfig")),
    ...optional("context", text("context")),
    ...optional("cluster", text("cluster")),
    ...optional("namespace", text("namespace")),
    secretsMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE") ?? false,
    configMapsMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE") ?? false,
    forceConflicts: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE") ?? false,
    upsertsExisting: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS") ?? false,
    pending: hasUnknown(args),
  };
}

/** Whether a kubeconfig setting is the path of a file and not the contents of one. */
export function isKubeconfigPath(kubeconfig: string): boolean {
  return !kubeconfig.includes("\n") && !kubeconfig.trimStart().startsWith("{");
}

function refuseUnsupported(text: (name: string) => string | undefined): void {
  for (const name of UNSUPPORTED) {
    const value = text(name);
    if (value !== undefined && value !== "false") throw unsupported(name, value, "no value");
  }
}

function unsupported(name: string, got: string, expected: string): PluginError {
  return new PluginError(
    "UNSUPPORTED_OPTION",
    `Provider option ${name} is "${got}"; the stand-in kubernetes plugin supports ${expected}. ` +
      "Remove the option or install the real pulumi-resource-kubernetes.",
  );
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
