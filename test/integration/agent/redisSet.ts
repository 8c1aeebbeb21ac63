import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { AccountName } from "../../../components/aclFile.ts";
import type { Member, Topology } from "../../../workers/agent/topology.ts";
import { eventually } from "../../helpers/redis.ts";
import { freePorts } from "./freePorts.ts";
import { SET_ACCOUNTS, writeSetFiles } from "./setFiles.ts";

const SCRIPTS = join(import.meta.dirname, "../../../components/redis/scripts");
const PODS = [0, 1, 2] as const;
const SET_TIMEOUT_MS = 45_000;

const groups = new Set<ChildProcess>();
// A crashed test run must not leave servers behind; 'exit' handlers can only act synchronously.
process.once("exit", () => {
  for (const child of groups) killGroup(child);
});

/** Options of a test set. */
export interface RedisSetOptions {
  /** Shell that runs the supervisor script, with its leading arguments. */
  readonly shell?: readonly string[];
  readonly verdictTimeoutSeconds?: number;
}

/**
 * Three Redis pods (supervisor script and agent) and three Sentinel pods as processes on 127.0.0.1, with accounts and ACLs
 * of the real program. Each pod keeps its volume directory until the set is closed.
 */
export class RedisSet {
  readonly topology: Topology;
  readonly #home: string;
  readonly #shell: readonly string[];
  readonly #options: RedisSetOptions;
  readonly #passwords: ReadonlyMap<AccountName, string>;
  readonly #pods = new Map<string, ChildProcess[]>();
  readonly #clients = new Map<string, Redis>();
  readonly #logs = new Map<string, string>();

  private constructor(home: string, topology: Topology, options: RedisSetOptions) {
    this.#home = home;
    this.topology = topology;
    this.#options = options;
    this.#shell = options.shell ?? ["dash"];
    this.#passwords = new Map(SET_ACCOUNTS.map((name) => [name, randomBytes(12).toString("hex")]));
  }

  /** Prepares directories and configuration; no process runs yet. */
  static async prepare(options: RedisSetOptions = {}): Promise<RedisSet> {
    const home = await mkdtemp(join(tmpdir(), "sessiondb-set-"));
    const ports = await freePorts(2 * 2 * PODS.length);
    const members = (kind: string): Member[] =>
      PODS.map((ordinal) => {
        const [port = 0, agentPort = 0] = ports.splice(0, 2);
        return { name: `${kind}-${ordinal}`, host: "127.0.0.1", port, agentPort };
      });
    const [redis, sentinels] = [members("redis"), members("sentinel")];
    const set = new RedisSet(home, { masterName: "sessiondb", quorum: 2, redis, sentinels }, options);
    await writeSetFiles(home, set.topology, set.#passwords);
    return set;
  }

  /** Starts pods by name, as the kubelet would: all at once. */
  startPods(names: readonly string[] = this.podNames()): void {
    for (const name of names) {
      if (name.startsWith("redis")) this.#startRedisPod(name);
      else this.#startSentinelPod(name);
    }
  }

  podNames(): string[] {
    return [...this.topology.redis, ...this.topology.sentinels].map(({ name }) => name);
  }

  redisNames(): string[] {
    return this.topology.redis.map(({ name }) => name);
  }

  /** Ends every process of the pods without notice, as a power loss of their machines would. */
  async killPods(names: readonly string[] = this.podNames()): Promise<void> {
    const children = names.flatMap((name) => this.#pods.get(name) ?? []);
    for (const name of names) {
      this.#pods.delete(name);
      this.#clients.get(name)?.disconnect();
      this.#clients.delete(name);
    }
    for (const child of children) killGroup(child);
    await Promise.all(children.map(gone));
  }

  /** Kills only the pod's redis-server; its supervisor and agent live on. */
  async killServer(name: string): Promise<void> {
    process.kill(await this.serverPid(name), "SIGKILL");
  }

  async serverPid(name: string): Promise<number> {
    const pid = /process_id:(\d+)/.exec(await this.admin(name).info("server"))?.[1];
    return Number(pid);
  }

  /** Empties a pod's volume; only while the pod is down. */
  async emptyVolume(name: string): Promise<void> {
    await rm(this.dataDirectory(name), { recursive: true, force: true });
    await mkdir(this.dataDirectory(name), { recursive: true });
  }

  /** Puts the operator's reason where all pods see it, as a changed mount would while they run. */
  async acceptDataLoss(reason: string): Promise<void> {
    const directory = join(this.#home, "overrides");
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "accept-data-loss"), reason);
  }

  dataDirectory(name: string): string {
    return join(this.#home, name, "data");
  }

  runDirectory(name: string): string {
    return join(this.#home, name, "run");
  }

  /** Everything that the pod's processes printed. */
  log(name: string): string {
    return this.#logs.get(name) ?? "";
  }

  /** A client of exactly this pod's Redis or Sentinel, as the admin account. */
  admin(name: string): Redis {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const { host, port } = this.#member(name);
    const client = new Redis({
      host,
      port,
      username: "admin",
      password: this.#passwords.get("admin") ?? "",
      disableClientInfo: true,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: true,
      commandTimeout: 2_000,
      retryStrategy: () => 100,
    });
    client.on("error", () => undefined);
    this.#clients.set(name, client);
    return client;
  }

  async status(name: string): Promise<{ phase: string; refusal: string; verdict: string }> {
    const { host, agentPort } = this.#member(name);
    const response = await fetch(`http://${host}:${agentPort}/status`);
    return (await response.json()) as { phase: string; refusal: string; verdict: string };
  }

  /** INFO replication of a pod as fields; empty while it does not answer. */
  async replication(name: string): Promise<ReadonlyMap<string, string>> {
    try {
      const text = await this.admin(name).info("replication");
      return new Map(text.split("\r\n").map((line) => line.split(":", 2) as [string, string]));
    } catch {
      return new Map();
    }
  }

  /** Names of the pods that run as primary just now. */
  async primaries(): Promise<string[]> {
    const names: string[] = [];
    for (const name of this.redisNames()) {
      if ((await this.replication(name)).get("role") === "master") names.push(name);
    }
    return names;
  }

  /**
   * Waits until the set is whole: one primary, all others its replicas with the link up, all Sentinels naming it and
   * holding both replicas for promotable. Returns the primary's name.
   */
  async whole(): Promise<string> {
    let primary = "";
    await eventually(
      "the set is whole",
      async () => {
        const primaries = await this.primaries();
        primary = primaries[0] ?? "";
        if (primaries.length !== 1) return false;
        for (const name of this.redisNames().filter((it) => it !== primary)) {
          const fields = await this.replication(name);
          if (fields.get("master_link_status") !== "up") return false;
          if (fields.get("master_port") !== String(this.#member(primary).port)) return false;
        }
        const views = await Promise.all(
          this.topology.sentinels.map(({ name }) => this.#sentinelAgrees(name, primary)),
        );
        return views.every(Boolean);
      },
      SET_TIMEOUT_MS,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.describe()}`, { cause: error });
    });
    return primary;
  }

  /** Runs a probe script in a pod; resolves to its exit status. */
  async probe(name: string, script: string, shell: readonly string[] = ["dash"]): Promise<number> {
    const [command = "sh", ...rest] = shell;
    const child = spawn(command, [...rest, join(SCRIPTS, script)], {
      env: this.#podEnv(name),
      stdio: "ignore",
    });
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? -1;
  }

  /** Sends the supervisor of a pod a signal and waits for its end; returns its exit status. */
  async stopSupervisor(name: string, signal: NodeJS.Signals): Promise<number> {
    const [supervisor] = this.#pods.get(name) ?? [];
    if (supervisor === undefined) throw new Error(`${name} does not run`);
    supervisor.kill(signal);
    await gone(supervisor);
    return supervisor.exitCode ?? -1;
  }

  /** Ends all processes and removes all files. */
  async close(): Promise<void> {
    await this.killPods();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** The end of every pod's log and its agent's status, for failing tests. */
  async describe(): Promise<string> {
    const parts: string[] = [];
    for (const name of this.podNames()) {
      const status = name.startsWith("redis") ? await this.status(name).catch(String) : "";
      parts.push(`--- ${name} ${JSON.stringify(status)}\n${this.log(name).slice(-3_000)}`);
    }
    return parts.join("\n");
  }

  async #sentinelAgrees(name: string, primary: string): Promise<boolean> {
    try {
      const sentinel = this.admin(name);
      const view = (await sentinel.call("SENTINEL", "MASTER", "sessiondb")) as string[];
      const replicas = (await sentinel.call("SENTINEL", "REPLICAS", "sessiondb")) as string[][];
      const promotable = replicas.filter((fields) => field(fields, "slave-priority") === "100");
      const up = promotable.filter((fields) => !/down|disconnected/.test(field(fields, "flags")));
      const { redis, sentinels } = this.topology;
      return (
        field(view, "port") === String(this.#member(primary).port) &&
        field(view, "num-other-sentinels") === String(sentinels.length - 1) &&
        up.length === redis.length - 1
      );
    } catch {
      return false;
    }
  }

  #startRedisPod(name: string): void {
    const [shell = "sh", ...rest] = this.#shell;
    this.#spawn(name, shell, [...rest, join(SCRIPTS, "launch.sh")]);
    this.#spawn(name, process.execPath, [join(this.#home, "agent.mjs"), "redis"]);
  }

  #startSentinelPod(name: string): void {
    const init = this.#spawn(name, process.execPath, [join(this.#home, "agent.mjs"), "sentinel-init"]);
    init.once("exit", (code) => {
      // As in the pod: the Sentinel starts once the initial container has ended well.
      if (code !== 0 || this.#pods.get(name)?.includes(init) !== true) return;
      // Sentinel rewrites its file with the permissions that its umask leaves.
      const command = 'umask 077; exec redis-server "$1" --sentinel';
      this.#spawn(name, "sh", ["-c", command, "sh", join(this.dataDirectory(name), "sentinel.conf")]);
    });
  }

  #spawn(name: string, command: string, argv: readonly string[]): ChildProcess {
    const child = spawn(command, argv, {
      // A group of its own, so that children of the supervisor go with it.
      detached: true,
      env: this.#podEnv(name),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const note = (text: string): void => void this.#logs.set(name, this.log(name) + text);
    child.stdout.setEncoding("utf8").on("data", note);
    child.stderr.setEncoding("utf8").on("data", note);
    groups.add(child);
    child.once("exit", () => groups.delete(child));
    this.#pods.set(name, [...(this.#pods.get(name) ?? []), child]);
    return child;
  }

  #podEnv(name: string): NodeJS.ProcessEnv {
    const { port, agentPort } = this.#member(name);
    const home = join(this.#home, name);
    return {
      PATH: process.env.PATH,
      POD_NAME: name,
      AGENT_TOPOLOGY: join(this.#home, "topology.json"),
      AGENT_ACCOUNTS: join(this.#home, "accounts"),
      AGENT_DATA: join(home, "data"),
      AGENT_RUN: join(home, "run"),
      AGENT_PORT: String(agentPort),
      AGENT_VERDICT_TIMEOUT_SECONDS: String(this.#options.verdictTimeoutSeconds ?? 60),
      AGENT_OVERRIDES: join(this.#home, "overrides"),
      SENTINEL_SETTINGS: join(home, "sentinel.conf"),
      SENTINEL_AUTH: join(this.#home, "auth.conf"),
      SENTINEL_ACL: join(this.#home, "sentinel.acl"),
      SESSIONDB_RUN: join(home, "run"),
      SESSIONDB_REDIS_CONF: join(home, "redis.conf"),
      SESSIONDB_ACCOUNTS: join(this.#home, "accounts"),
      SESSIONDB_PORT: String(port),
      SESSIONDB_SENTINEL_PORT: String(port),
    };
  }

  #member(name: string): Member {
    const found = [...this.topology.redis, ...this.topology.sentinels].find((member) => member.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  }
}

/** The value after a name in one of Sentinel's flat replies. */
function field(reply: readonly string[], name: string): string {
  return reply[reply.indexOf(name) + 1] ?? "";
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
