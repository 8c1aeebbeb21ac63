/** Which accounts a stack has, and what each of their Secrets says about the way in. Pure. */
import type { AppConfig } from "../../stacks/configSchema.ts";
import { REDIS_PORT, SENTINEL_PORT } from "../../workers/shared/ports.ts";
import { ACCOUNT_NAMES, type AccountName } from "../aclFile.ts";
import { NAMES, ordinals, podName, serviceHost } from "../names.ts";
import { MASTER_NAME } from "../redis/sentinelConf.ts";

/** Number of the database that holds sessions. */
export const SESSION_DATABASE = 0;
/** Number of the database that holds service cache. */
export const CACHE_DATABASE = 1;

/** Accounts that exist for Sentinel's sake only. */
const SENTINEL_MODE_ACCOUNTS: readonly AccountName[] = ["replication", "sentinel", "discovery"];

/** The accounts of a stack, in the order of the design. */
export function stackAccounts(config: Pick<AppConfig, "mode">): AccountName[] {
  return ACCOUNT_NAMES.filter((name) => config.mode === "sentinel" || !SENTINEL_MODE_ACCOUNTS.includes(name));
}

/** A host and a TCP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Addresses of a stack's services, by DNS name. */
export interface Endpoints {
  /** Where plain clients read and write. In sentinel mode there is none: a client asks the Sentinels. */
  readonly readWrite?: Endpoint;
  /** Where plain clients may read. */
  readonly readOnly: Endpoint;
  /** The Sentinels; empty in standalone mode. */
  readonly sentinels: readonly Endpoint[];
  /** Name under which the Sentinels know the set. */
  readonly masterName?: string;
  /** Where the service cache lives: its own instance, or the sessions' in the same form. */
  readonly cache?: Endpoint;
}

/** The addresses that a configuration leads to. */
export function stackEndpoints(
  config: Pick<AppConfig, "mode" | "namespace" | "cache" | "sentinel">,
): Endpoints {
  const at = (service: string, port: number): Endpoint => ({
    host: serviceHost(service, config.namespace),
    port,
  });
  const cache = config.cache.mode === "separate" ? { cache: at(NAMES.cache, REDIS_PORT) } : {};
  if (config.mode === "standalone") {
    const redis = at(NAMES.redis, REDIS_PORT);
    return { readWrite: redis, readOnly: redis, sentinels: [], ...cache };
  }
  return {
    readOnly: at(NAMES.redisReadOnly, REDIS_PORT),
    sentinels: ordinals(config.sentinel.count).map((ordinal) =>
      at(podName(NAMES.sentinel, ordinal), SENTINEL_PORT),
    ),
    masterName: MASTER_NAME,
    ...cache,
  };
}

/** The way in of one account, without its password. */
export interface AccountRoute extends Endpoint {
  readonly database: number;
  /** Present when the primary is found through the Sentinels. */
  readonly sentinels?: readonly Endpoint[];
  /** Present for the account that works on sessions and on a separate cache. */
  readonly cache?: Endpoint;
}

/** Where an account connects to. */
export function accountRoute(account: AccountName, endpoints: Endpoints): AccountRoute {
  if (account === "cache" && endpoints.cache !== undefined) {
    return { ...endpoints.cache, database: CACHE_DATABASE };
  }
  const database = account === "cache" ? CACHE_DATABASE : SESSION_DATABASE;
  const cache = account === "cleanup" && endpoints.cache !== undefined ? { cache: endpoints.cache } : {};
  if (endpoints.readWrite !== undefined) return { ...endpoints.readWrite, database, ...cache };
  return { ...endpoints.readOnly, database, sentinels: endpoints.sentinels, ...cache };
}

/** A password per account, and the one with which clients ask the Sentinels. */
export interface RoutePasswords {
  readonly password: string;
  readonly discoveryPassword?: string | undefined;
}

/**
 * A connection URL: `redis://USER:PASSWORD@HOST:PORT/DB`, or with Sentinels
 * `redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/MASTER-NAME/DB`.
 */
export function connectionUrl(account: AccountName, route: AccountRoute, password: string): string {
  const login = `${account}:${encodeURIComponent(password)}`;
  if (route.sentinels === undefined) return `redis://${login}@${route.host}:${route.port}/${route.database}`;
  const hosts = route.sentinels.map(({ host, port }) => `${host}:${port}`).join(",");
  return `redis+sentinel://${login}@${hosts}/${MASTER_NAME}/${route.database}`;
}

/** The entries of an account's Secret, in the service-binding layout. */
export function bindingEntries(
  account: AccountName,
  route: AccountRoute,
  passwords: RoutePasswords,
): Record<string, string> {
  const { discoveryPassword } = passwords;
  return {
    type: "redis",
    provider: "sessiondb",
    host: route.host,
    port: String(route.port),
    username: account,
    password: passwords.password,
    database: String(route.database),
    uri: connectionUrl(account, route, passwords.password),
    ...(route.sentinels === undefined
      ? {}
      : {
          sentinels: route.sentinels.map(({ host, port }) => `${host}:${port}`).join(","),
          "master-name": MASTER_NAME,
          ...(discoveryPassword === undefined
            ? {}
            : { "sentinel-username": "discovery", "sentinel-password": discoveryPassword }),
        }),
    ...(route.cache === undefined
      ? {}
      : { "cache-host": route.cache.host, "cache-port": String(route.cache.port) }),
  };
}
