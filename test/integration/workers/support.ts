import type { Redis } from "ioredis";
import { pino } from "pino";
import type { Binding } from "../../../workers/shared/binding.ts";
import type { Logger } from "../../../workers/shared/logger.ts";
import { readCleanupSettings } from "../../../workers/cleanup/options.ts";
import { runCleanup } from "../../../workers/cleanup/run.ts";
import { redisRules, type AccountName } from "../../../components/aclFile.ts";
import { startRedis, type RedisServer, type StartRedisOptions } from "../../helpers/redis.ts";

export const PASSWORD = "only-for-tests";

/** The rules of an account, as the program gives them. */
export function rulesOf(account: AccountName): string {
  return ["resetkeys resetchannels -@all", ...redisRules(account)].join(" ");
}

/** The least rules of the account that asks Sentinels. */
export const DISCOVERY_RULES =
  "resetkeys resetchannels -@all +ping +client|setname +sentinel|get-master-addr-by-name +sentinel|replicas";

/** Users as they stand in a server's ACL file. */
export const ACL_FILE = [
  "user default off",
  `user tester on >${PASSWORD} ~* &* +@all`,
  `user cleanup on >${PASSWORD} ${rulesOf("cleanup")}`,
  `user backup on >${PASSWORD} ${rulesOf("backup")}`,
  `user replication on >${PASSWORD} ${rulesOf("replication")}`,
  "",
].join("\n");

export const silent: Logger = pino({ level: "silent" });

/** A server with the accounts of the data plane. */
export async function startWithAccounts(
  options: Omit<StartRedisOptions, "aclFile"> = {},
): Promise<RedisServer> {
  return startRedis({ ...options, aclFile: ACL_FILE });
}

/** A client that may do everything, for arranging and asserting. */
export function tester(server: RedisServer, db = 0): Redis {
  return server.client({ username: "tester", password: PASSWORD, db });
}

/** What the worker would read from its account's Secret. */
export function bindingOf(server: RedisServer, username: "cleanup" | "backup"): Binding {
  return {
    host: "127.0.0.1",
    port: server.port,
    username,
    password: PASSWORD,
    database: 0,
    cacheDatabase: 1,
  };
}

/** The fields of a summary that tests look at. */
export interface CleanupSummary {
  readonly removed: Readonly<Record<string, number>>;
  readonly scanned: number;
  readonly due: number;
  readonly rescored: number;
  readonly ttlSet: number;
  readonly undecidable: number;
  readonly malformed: number;
  readonly failed: number;
  readonly conflicts: number;
  readonly resumedFrom: string | null;
  readonly complete: boolean;
  readonly interrupted: boolean;
  readonly exitCode: number;
}

/** One cleanup run in this process, as the restricted account. */
export async function clean(
  server: RedisServer,
  scope: "sessions" | "cache",
  options: { env?: Record<string, string>; dryRun?: boolean; signal?: AbortSignal } = {},
): Promise<CleanupSummary> {
  const argv = options.dryRun ? [scope, "--dry-run"] : [scope];
  const { exitCode, summary } = await runCleanup({
    settings: readCleanupSettings(argv, options.env ?? {}),
    binding: bindingOf(server, "cleanup"),
    logger: silent,
    signal: options.signal ?? new AbortController().signal,
  });
  return { exitCode, ...summary } as unknown as CleanupSummary;
}

/** Every key of a database with its type, value and TTL in whole seconds, for "nothing has changed". */
export async function picture(redis: Redis): Promise<string[]> {
  const keys = (await redis.keys("*")).sort();
  return Promise.all(
    keys.map(async (key) => {
      const [dump, ttl] = await Promise.all([redis.dumpBuffer(key), redis.pexpiretime(key)]);
      return `${key} ${ttl} ${dump.toString("hex")}`;
    }),
  );
}

/** Writes so many keys into each database, every second one with a TTL. */
export async function fill(server: RedisServer, counts: Readonly<Record<number, number>>): Promise<void> {
  for (const [index, count] of Object.entries(counts)) {
    const pipeline = tester(server, Number(index)).pipeline();
    for (let at = 0; at < count; at += 1) {
      const value = JSON.stringify({ at, text: `value ${at} of database ${index}` });
      if (at % 2 === 0) pipeline.set(`key:${at}`, value);
      else pipeline.set(`key:${at}`, value, "EX", 3_600);
    }
    await pipeline.exec();
  }
}
