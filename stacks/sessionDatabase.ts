import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Backup } from "../components/backup.ts";
import { Cache } from "../components/cache.ts";
import { Cleanup } from "../components/cleanup.ts";
import { Credentials } from "../components/credentials/credentials.ts";
import { Namespace } from "../components/namespace.ts";
import { Network } from "../components/network/network.ts";
import { Redis } from "../components/redis/redis.ts";
import { Sentinel } from "../components/sentinel/sentinel.ts";
import { Topology } from "../components/topology.ts";
import { workerContext, type WorkerContext } from "../components/workerContext.ts";
import { WorkerImage } from "../components/workerImage.ts";
import { loadConfig, loadSecrets, type AppConfig, type AppSecrets } from "./config.ts";
import { stackOutputs, type StackOutputs } from "./outputs.ts";

/** Arguments of `SessionDatabase`. */
export interface SessionDatabaseArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** The stack's encrypted configuration values. */
  readonly secrets: AppSecrets;
  /** Makes the build context of the worker image. @default bundles this checkout's workers */
  readonly workerContext?: () => WorkerContext;
}

/** What every part of a stack is made with. */
interface Common {
  readonly config: AppConfig;
  readonly namespace: pulumi.Output<string>;
  readonly credentials: Credentials;
  readonly workerImage: pulumi.Output<string>;
  readonly startAfter: pulumi.Resource[];
}

/**
 * The whole session database of one stack. Gateway, TLS, monitoring and grants for applications will be further
 * components beside the ones below.
 *
 * @example
 * const database = new SessionDatabase("sessiondb", { config: loadConfig(), secrets: loadSecrets() });
 * export const connections = database.outputs.connections;
 */
export class SessionDatabase extends pulumi.ComponentResource {
  readonly outputs: StackOutputs;

  constructor(name: string, args: SessionDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:SessionDatabase", name, {}, opts);
    const { config } = args;
    const inner = { parent: this, providers: [clusterProvider(name, config, this)] };
    const { namespaceName: namespace } = new Namespace(
      `${name}-namespace`,
      { name: config.namespace, protect: config.data.protect, retainOnDelete: config.data.retainOnDestroy },
      inner,
    );
    const credentials = new Credentials(`${name}-credentials`, { config, namespace }, inner);
    const network = new Network(`${name}-network`, { config, namespace }, inner);
    const image = new WorkerImage(
      `${name}-worker`,
      {
        config,
        registryPassword: args.secrets.registryPassword,
        context: args.workerContext ?? workerContext,
      },
      inner,
    );
    const common = {
      config,
      namespace,
      credentials,
      workerImage: image.reference,
      startAfter: [...network.policies],
    };
    if (config.mode === "sentinel") replicatedSet(name, common, inner);
    else new Redis(`${name}-redis`, common, inner);
    if (credentials.cacheAcl !== undefined)
      new Cache(`${name}-cache`, { ...common, acl: credentials.cacheAcl }, inner);
    new Cleanup(`${name}-cleanup`, common, inner);
    if (config.backup.enabled) new Backup(`${name}-backup`, common, inner);
    this.outputs = stackOutputs(config, namespace, credentials);
    this.registerOutputs({ ...this.outputs });
  }
}

/** Redis and Sentinels. Neither waits for the other to be ready: at the first start each needs the other to be there. */
function replicatedSet(name: string, common: Common, inner: pulumi.ComponentResourceOptions): void {
  const topology = new Topology(`${name}-topology`, common, inner);
  const shared = { topologyMapName: topology.configMapName, workerImage: common.workerImage };
  new Redis(`${name}-redis`, { ...common, replication: shared }, inner);
  new Sentinel(`${name}-sentinel`, { ...common, ...shared }, inner);
}

/**
 * The cluster. The provider is explicit so that what the design rests on does not depend on a stack's settings: Secrets under
 * fixed names change in place; what a killed run made, or a destroy kept, is taken over (an update of what exists, with fields
 * that were last set under another name or by hand); and nothing of that needs an annotation on every object.
 */
function clusterProvider(name: string, config: AppConfig, parent: pulumi.Resource): k8s.Provider {
  return new k8s.Provider(
    `${name}-cluster`,
    {
      enableServerSideApply: true,
      enableSecretMutable: true,
      upsertExistingObjects: true,
      enablePatchForce: true,
      ...(config.kubeContext === undefined ? {} : { context: config.kubeContext }),
    },
    { parent },
  );
}

/** The program: reads the stack's configuration, makes the session database, returns its outputs. */
export function program(): StackOutputs {
  return new SessionDatabase("sessiondb", { config: loadConfig(), secrets: loadSecrets() }).outputs;
}
