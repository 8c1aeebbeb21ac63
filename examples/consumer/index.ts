/**
 * A shop that keeps its sessions in a session database of another stack: it takes the connection from that stack's outputs,
 * lets its own namespace in by a label, and hands the connection to its pods as files.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** What this program reads of the connection; docs/outputs.md of sessiondb lists everything that there is. */
interface Connection {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: number;
  readonly host: string;
  readonly port: number;
  /** Present in sentinel mode: ask these who is primary, then connect to that one. */
  readonly sentinels?: readonly { readonly host: string; readonly port: number }[];
  readonly masterName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

const config = new pulumi.Config();
const sessiondb = new pulumi.StackReference(config.get("sessiondb") ?? "organization/sessiondb/dev");
const connections = sessiondb.requireOutput("connections") as pulumi.Output<
  Readonly<Record<string, Connection>>
>;
const databaseNamespace = sessiondb.requireOutput("namespace") as pulumi.Output<string>;

/** One file per value, by the names of the service-binding specification, which many frameworks read by themselves. */
function bindingFiles(connection: Connection): Record<string, string> {
  const { sentinels, masterName, sentinelUsername, sentinelPassword } = connection;
  const files = {
    type: "redis",
    provider: "sessiondb",
    uri: connection.url,
    host: connection.host,
    port: String(connection.port),
    username: connection.username,
    password: connection.password,
    database: String(connection.database),
  };
  if (sentinels === undefined) return files;
  return {
    ...files,
    sentinels: sentinels.map(({ host, port }) => `${host}:${port}`).join(","),
    "master-name": masterName ?? "",
    "sentinel-username": sentinelUsername ?? "",
    "sentinel-password": sentinelPassword ?? "",
  };
}

const shop = new k8s.core.v1.Namespace("shop", {
  metadata: {
    name: "shop",
    // Without this label the network policies of the session database let nobody in.
    labels: { "sessiondb/access": databaseNamespace },
  },
});

const binding = new k8s.core.v1.Secret("shop-sessions", {
  metadata: { namespace: shop.metadata.name },
  type: "servicebinding.io/redis",
  stringData: connections.apply((all) => {
    const { app } = all;
    if (app === undefined)
      throw new Error('the session database publishes no connection for the account "app"');
    return bindingFiles(app);
  }),
});

/** Mount this Secret below `/bindings/sessions` and set `SERVICE_BINDING_ROOT=/bindings` in your pods. */
export const secretName = binding.metadata.name;
/** Namespace of the shop. */
export const namespace = shop.metadata.name;
