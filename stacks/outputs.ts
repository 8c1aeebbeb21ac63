/** What a stack gives to those who use it. */
import * as pulumi from "@pulumi/pulumi";
import type { AccountName } from "../components/aclFile.ts";
import {
  accountRoute,
  connectionUrl,
  stackEndpoints,
  type AccountRoute,
  type Endpoint,
  type Endpoints,
} from "../components/credentials/accounts.ts";
import type { Credentials } from "../components/credentials/credentials.ts";
import type { AppConfig } from "./configSchema.ts";

/** Accounts that programs outside of the stack connect with. The administrator's Secret stays in the cluster. */
export const PUBLISHED_ACCOUNTS = ["app", "cache", "monitor"] as const satisfies AccountName[];

/** How one account connects. */
export interface Connection {
  /** `redis://…`, or `redis+sentinel://…` where the primary is found through the Sentinels. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Number of the database. */
  readonly database: number;
  /** Address for plain clients; in sentinel mode it serves reads only. */
  readonly host: string;
  readonly port: number;
  /** Sentinel mode only. */
  readonly sentinels?: readonly Endpoint[];
  readonly masterName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

/** The outputs of a stack. */
export interface StackOutputs {
  readonly namespace: pulumi.Output<string>;
  readonly mode: AppConfig["mode"];
  /** Addresses, without any secret. */
  readonly endpoints: Endpoints;
  /** Name of the Secret of each account. */
  readonly secretNames: Readonly<Partial<Record<AccountName, string>>>;
  /** How each published account connects; a secret. */
  readonly connections: pulumi.Output<Readonly<Record<string, Connection>>>;
}

/** One account's connection. */
export function connection(
  account: AccountName,
  route: AccountRoute,
  endpoints: Endpoints,
  password: string,
  discoveryPassword: string | undefined,
): Connection {
  const { host, port, database } = route;
  const plain = {
    url: connectionUrl(account, route, password),
    username: account,
    password,
    database,
    host,
    port,
  };
  if (route.sentinels === undefined || endpoints.masterName === undefined) return plain;
  return {
    ...plain,
    sentinels: route.sentinels,
    masterName: endpoints.masterName,
    ...(discoveryPassword === undefined
      ? {}
      : { sentinelUsername: "discovery", sentinelPassword: discoveryPassword }),
  };
}

/**
 * The outputs of a stack.
 *
 * @param namespace name of the namespace, once everything in it exists
 */
export function stackOutputs(
  config: AppConfig,
  namespace: pulumi.Output<string>,
  credentials: Credentials,
): StackOutputs {
  const endpoints = stackEndpoints(config);
  const discovery = credentials.passwords.get("discovery") ?? pulumi.output<string | undefined>(undefined);
  const connections = PUBLISHED_ACCOUNTS.map((account) =>
    pulumi
      .all([credentials.passwords.get(account) ?? pulumi.output(""), discovery])
      .apply(([password, discoveryPassword]): [string, Connection] => [
        account,
        connection(account, accountRoute(account, endpoints), endpoints, password, discoveryPassword),
      ]),
  );
  return {
    namespace,
    mode: config.mode,
    endpoints,
    secretNames: credentials.secretNames,
    connections: pulumi.secret(pulumi.all(connections).apply((entries) => Object.fromEntries(entries))),
  };
}
