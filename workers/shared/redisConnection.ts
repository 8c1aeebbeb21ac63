import { Redis, type RedisOptions } from "ioredis";
import type { Address, Binding, SentinelBinding } from "./binding.ts";
import { AccessError } from "./errors/accessError.ts";
import { ConnectionError } from "./errors/connectionError.ts";
import { replyCode } from "./replyErrors.ts";

/** What openRedis and connectTo need besides the address. */
export interface ConnectionOptions {
  /** Shown by CLIENT LIST. */
  readonly connectionName: string;
  readonly database?: number;
  /** Bound for the whole way to a usable connection, Sentinel queries included. @default 10 000 */
  readonly connectTimeoutMs?: number;
  /** Bound for every single reply. @default 15 000 */
  readonly commandTimeoutMs?: number;
}

/** A place with the credentials for it. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 15_000;
/** How long a half-closed socket of a dead peer may linger. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * Connects to the primary that a binding leads to: directly, or through its Sentinels.
 *
 * The client never reconnects by itself. A transaction guarded by WATCH must not go on over a new connection
 * that watches nothing, so a lost connection fails every pending call and the caller starts over.
 *
 * @throws AccessError when the account is refused, ConnectionError when there is no way through in time
 */
export async function openRedis(binding: Binding, options: ConnectionOptions): Promise<Redis> {
  const database = options.database ?? binding.database;
  const place = binding.sentinel
    ? `the primary of "${binding.sentinel.masterName}" by way of ${binding.sentinel.addresses.map(show).join(", ")}`
    : show(binding);
  return open(place, options, {
    username: binding.username,
    password: binding.password,
    db: database,
    ...(binding.sentinel ? sentinelOptions(binding.sentinel) : { host: binding.host, port: binding.port }),
  });
}

/**
 * Connects to exactly this Redis or Sentinel process, whatever its role. Same errors as openRedis.
 */
export async function connectTo(
  address: Address,
  credentials: Credentials,
  options: ConnectionOptions,
): Promise<Redis> {
  return open(show(address), options, {
    host: address.host,
    port: address.port,
    ...(credentials.username === undefined ? {} : { username: credentials.username }),
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ...(options.database === undefined ? {} : { db: options.database }),
  });
}

/** host:port for messages. */
export function show(address: Address): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function sentinelOptions(sentinel: SentinelBinding): RedisOptions {
  return {
    name: sentinel.masterName,
    sentinels: sentinel.addresses.map((address) => ({ ...address })),
    role: "master",
    // The binding lists every Sentinel; asking them for each other would need one more permission.
    updateSentinels: false,
    sentinelRetryStrategy: () => null,
    ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password }),
  };
}

async function open(place: string, options: ConnectionOptions, target: RedisOptions): Promise<Redis> {
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const redis = new Redis({
    ...target,
    protocol: 2,
    lazyConnect: true,
    connectionName: options.connectionName,
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    sentinelCommandTimeout: timeoutMs,
    commandTimeout: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    retryStrategy: () => null,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // Loading and roles are judged by the callers; the check would also need INFO on a Sentinel.
    enableReadyCheck: false,
  });
  // connect() only says that the connection is closed; the reason arrives as an event.
  const reasons: unknown[] = [];
  redis.on("error", (error: unknown) => reasons.push(error));
  const timer = setTimeout(() => {
    reasons.push(new Error(`no usable connection within ${timeoutMs} ms`));
    redis.disconnect();
  }, timeoutMs);
  try {
    await redis.connect();
    // A refused AUTH or SELECT only shows as an event, and a connection counts as open before they are answered.
    await redis.ping();
    const refusal = reasons.find((reason) => replyCode(reason) !== undefined);
    if (refusal instanceof Error) throw refusal;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw connectFailure(place, options.connectionName, reasons.at(0) ?? error);
  } finally {
    clearTimeout(timer);
    reasons.length = 0;
    redis.removeAllListeners("error");
    redis.on("error", () => undefined);
  }
}

function connectFailure(place: string, connectionName: string, reason: unknown): Error {
  const text = reason instanceof Error ? reason.message : String(reason);
  const code = replyCode(reason);
  if (code === "WRONGPASS" || code === "NOAUTH" || code === "NOPERM") {
    return new AccessError(`${connectionName} was refused by ${place}: ${text}; check the account's Secret`, {
      cause: reason,
    });
  }
  return new ConnectionError(`${connectionName} cannot use ${place}: ${text}`, { cause: reason });
}
