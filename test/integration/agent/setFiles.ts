import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { renderRedisAcl, renderSentinelAcl, type AccountName } from "../../../components/aclFile.ts";
import { renderSentinelConf } from "../../../components/redis/sentinelConf.ts";
import type { Topology } from "../../../workers/agent/topology.ts";

const AGENT_SOURCE = join(import.meta.dirname, "../../../workers/agent/main.ts");
const REDIS_ACCOUNTS = ["admin", "replication", "sentinel", "monitor", "app"] as const;
const SENTINEL_ACCOUNTS = ["admin", "sentinel", "discovery", "monitor"] as const;

/** Accounts that the files of a set need passwords for. */
export const SET_ACCOUNTS = [...REDIS_ACCOUNTS, "discovery"] as const;

/** Lays out below `home` what the mounts of all pods would hold, and the bundled agent. */
export async function writeSetFiles(
  home: string,
  topology: Topology,
  passwords: ReadonlyMap<AccountName, string>,
): Promise<void> {
  const file = (...path: string[]): string => join(home, ...path);
  const hashed = (names: readonly AccountName[]): { name: AccountName; passwordHashes: string[] }[] =>
    names.map((name) => ({ name, passwordHashes: [sha256(passwords.get(name) ?? "")] }));
  for (const [name, password] of passwords) {
    await mkdir(file("accounts", name), { recursive: true });
    await writeFile(file("accounts", name, "username"), name);
    await writeFile(file("accounts", name, "password"), password);
  }
  await writeFile(file("topology.json"), JSON.stringify(topology));
  await writeFile(file("redis.acl"), renderRedisAcl(hashed(REDIS_ACCOUNTS)));
  await writeFile(file("sentinel.acl"), renderSentinelAcl(hashed(SENTINEL_ACCOUNTS)));
  const replication = passwords.get("replication") ?? "";
  await writeFile(file("replication.conf"), `masteruser replication\nmasterauth ${replication}\n`);
  const secret = passwords.get("sentinel") ?? "";
  const auth = [
    ...["sentinel auth-user sessiondb sentinel", `sentinel auth-pass sessiondb ${secret}`],
    ...["sentinel sentinel-user sentinel", `sentinel sentinel-pass ${secret}`, ""],
  ];
  await writeFile(file("auth.conf"), auth.join("\n"));
  for (const { name, port } of [...topology.redis, ...topology.sentinels]) {
    await mkdir(file(name, "data"), { recursive: true });
    await mkdir(file(name, "run"));
    const dataDirectory = file(name, "data");
    await writeFile(
      file(name, "redis.conf"),
      redisConf(port, dataDirectory, file("redis.acl"), file("replication.conf")),
    );
    const conf = { port, dataDirectory, aclFile: file("sentinel.acl"), masterName: "sessiondb" };
    const timing = { downAfterMs: 1_000, failoverTimeoutMs: 3_000, parallelSyncs: 1 };
    await writeFile(file(name, "sentinel.conf"), renderSentinelConf({ ...conf, ...timing }));
  }
  await build({
    entryPoints: [AGENT_SOURCE],
    outfile: file("agent.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    // Bundled CommonJS libraries still call require().
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}

function redisConf(port: number, directory: string, aclFile: string, authFile: string): string {
  return [
    ...[`port ${port}`, "bind 127.0.0.1", "protected-mode no", `dir ${directory}`, `aclfile ${aclFile}`],
    ...[`include ${authFile}`, "appendonly yes", "appendfsync everysec", 'save ""', "shutdown-timeout 2"],
    ...[
      "repl-diskless-sync yes",
      "repl-diskless-sync-delay 0",
      "min-replicas-to-write 1",
      "min-replicas-max-lag 10",
    ],
    "",
  ].join("\n");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
