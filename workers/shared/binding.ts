import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./errorCode.ts";
import { ConfigurationError } from "./errors/configurationError.ts";
import { REDIS_PORT, SENTINEL_PORT } from "./ports.ts";

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How the Sentinels are asked who is primary. */
export interface SentinelBinding {
  readonly masterName: string;
  readonly addresses: readonly Address[];
  readonly username?: string;
  readonly password?: string;
}

/** What a service-binding directory says about one account's way into Redis. Holds secrets: never log it. */
export interface Binding extends Address {
  readonly username: string;
  readonly password: string;
  readonly database: number;
  /** Present in sentinel mode. */
  readonly sentinel?: SentinelBinding;
  /** Present when the cache lives on an instance of its own. */
  readonly cache?: Address;
  /** Database number of the service cache, on its own instance or shared with the sessions. */
  readonly cacheDatabase: number;
}

/** Where the service cache lives unless the binding has a `cache-database` entry. */
export const DEFAULT_CACHE_DATABASE = 1;
const MAX_PORT = 65_535;
const MAX_DATABASE = 1_023;

/**
 * Reads a binding directory as the service-binding layout mounts it: one file per key.
 *
 * @throws ConfigurationError naming every missing or malformed entry by path, without the content of secrets
 */
export async function readBinding(directory: string): Promise<Binding> {
  const problems: string[] = [];
  const read = async (key: string): Promise<string | undefined> => {
    try {
      const text = (await readFile(join(directory, key), "utf8")).replace(/\r?\n$/, "");
      return text === "" ? undefined : text;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      problems.push(`${join(directory, key)} cannot be read: ${String(error)}`);
      return undefined;
    }
  };
  const required = async (key: string): Promise<string> => {
    const text = await read(key);
    if (text === undefined) problems.push(`${join(directory, key)} is missing or empty`);
    return text ?? "";
  };
  const integer = async (key: string, fallback: number, max: number): Promise<number> => {
    const text = await read(key);
    if (text === undefined) return fallback;
    if (/^\d{1,5}$/.test(text) && Number(text) <= max) return Number(text);
    problems.push(`${join(directory, key)} is "${text}"; expected a whole number from 0 to ${max}`);
    return fallback;
  };

  const binding = {
    host: await required("host"),
    port: await integer("port", REDIS_PORT, MAX_PORT),
    username: await required("username"),
    password: await required("password"),
    database: await integer("database", 0, MAX_DATABASE),
    cacheDatabase: await integer("cache-database", DEFAULT_CACHE_DATABASE, MAX_DATABASE),
  };
  const cacheHost = await read("cache-host");
  const cachePort = await integer("cache-port", REDIS_PORT, MAX_PORT);
  const sentinels = await read("sentinels");
  const sentinel =
    sentinels === undefined
      ? undefined
      : {
          masterName: await required("master-name"),
          addresses: parseAddresses(sentinels, join(directory, "sentinels"), problems),
          ...optional("username", await read("sentinel-username")),
          ...optional("password", await read("sentinel-password")),
        };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    ...binding,
    ...(sentinel === undefined ? {} : { sentinel }),
    ...(cacheHost === undefined ? {} : { cache: { host: cacheHost, port: cachePort } }),
  };
}

/** Reads `host:port,host:port`; IPv6 hosts stand in brackets. The port may be left out. */
export function parseAddresses(text: string, source: string, problems: string[]): Address[] {
  const addresses: Address[] = [];
  for (const part of text.split(",").map((piece) => piece.trim())) {
    if (part === "") continue;
    const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(part);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3] ?? SENTINEL_PORT);
    if (host === undefined || port < 1 || port > MAX_PORT) {
      problems.push(`${source} has "${part}"; expected host:port`);
      continue;
    }
    addresses.push({ host, port });
  }
  if (addresses.length === 0) problems.push(`${source} names no address; expected host:port,host:port`);
  return addresses;
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, string>>);
}
