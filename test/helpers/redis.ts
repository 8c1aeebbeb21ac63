import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis, type RedisOptions } from "ioredis";

/** The server binary under test; another build (a newer Redis, Valkey) is chosen through the environment. */
const REDIS_SERVER = process.env.SESSIONDB_TEST_REDIS_SERVER ?? "/usr/bin/redis-server";
const READY_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 15;
const PORT_ATTEMPTS = 5;

/** Whether the machine has a redis-server to test against; without one, starting a server fails loudly. */
export const hasRedisServer = existsSync(REDIS_SERVER);

/** What a started redis-server or Sentinel process offers a test. */
export interface RedisServer {
  readonly port: number;
  /** The server's working directory; removed on stop unless the test brought its own. */
  readonly dataDir: string;
  readonly pid: number;
  /** Everything that the process printed so far, for assertions on its log. */
  log(): string;
  /** A connected client, closed by stop(). */
  client(options?: RedisOptions): Redis;
  /** Ends the process in good order and closes its clients; calling it twice is harmless. */
  stop(): Promise<void>;
  /** Sends a signal; after SIGKILL, SIGTERM and SIGINT it resolves once the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Settings of startRedis. */
export interface StartRedisOptions {
  /** Lines of redis.conf; they come last and so win over the helper's own. */
  readonly config?: readonly string[];
  /** Content of the ACL file, one `user ...` line each. */
  readonly aclFile?: string;
  /** An existing directory with data to start from; the test keeps its ownership. */
  readonly dataDir?: string;
  /** A fixed port for restarts on the same address; free one by default. */
  readonly port?: number;
}

/** Settings of startSentinel. */
export interface StartSentinelOptions extends Omit<StartRedisOptions, "config"> {
  /** Lines of sentinel.conf: `sentinel monitor ...` and so on. */
  readonly config: readonly string[];
}

const running = new Map<ChildProcess, string>();
const homes = new Set<string>();
// A crashed test run must leave neither servers nor files behind; 'exit' handlers can only act synchronously.
process.once("exit", () => {
  for (const child of running.keys()) child.kill("SIGKILL");
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** Starts a redis-server on 127.0.0.1 without persistence and waits until it answers. */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const defaults = ['save ""', "appendonly no", "repl-diskless-sync-delay 0", "shutdown-timeout 1"];
  return startServer([...defaults, ...(options.config ?? [])], options, []);
}

/** Starts a Sentinel (the same program) with a config file it may rewrite and waits until it answers. */
export async function startSentinel(options: StartSentinelOptions): Promise<RedisServer> {
  return startServer(options.config, options, ["--sentinel"]);
}

/** Fails when a test left a server running, naming each; stops them so that later suites are unharmed. */
export async function assertNoRedisLeft(): Promise<void> {
  const left = [...running];
  for (const [child] of left) {
    child.kill("SIGKILL");
    await gone(child);
  }
  if (left.length > 0)
    throw new Error(`redis processes left running: ${left.map(([, it]) => it).join(", ")}`);
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Polls until the condition holds; the error names it. For states that a server reaches on its own. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await delay(PING_INTERVAL_MS);
  }
}

async function startServer(
  lines: readonly string[],
  options: StartRedisOptions,
  argv: readonly string[],
): Promise<RedisServer> {
  if (!hasRedisServer) {
    throw new Error(
      `${REDIS_SERVER} not found; install redis-server or point SESSIONDB_TEST_REDIS_SERVER at one`,
    );
  }
  const home = await mkdtemp(join(tmpdir(), "sessiondb-redis-"));
  homes.add(home);
  const dataDir = options.dataDir ?? join(home, "data");
  await mkdir(dataDir, { recursive: true });
  const aclLines: string[] = [];
  if (options.aclFile !== undefined) {
    await writeFile(join(home, "users.acl"), options.aclFile, { mode: 0o600 });
    aclLines.push(`aclfile ${join(home, "users.acl")}`);
  }
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const config = [`port ${port}`, "bind 127.0.0.1", `dir ${dataDir}`, ...aclLines, ...lines, ""].join("\n");
    const file = join(home, "server.conf");
    await writeFile(file, config, { mode: 0o600 });
    const child = spawn(REDIS_SERVER, [file, ...argv], { stdio: ["ignore", "pipe", "pipe"], cwd: dataDir });
    const output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => output.push(text));
    running.set(child, `pid ${child.pid ?? "?"} on port ${port}`);
    child.once("exit", () => running.delete(child));
    try {
      await ready(child, port, output);
      return handle(child, port, dataDir, home, output);
    } catch (error) {
      child.kill("SIGKILL");
      await gone(child);
      // Another process may have taken the port in between; only then is a second try worth it.
      const taken = output.join("").includes("Address already in use");
      if (options.port === undefined && taken && attempt < PORT_ATTEMPTS) continue;
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }
}

function handle(
  child: ChildProcess,
  port: number,
  dataDir: string,
  home: string,
  output: readonly string[],
): RedisServer {
  const clients: Redis[] = [];
  return {
    port,
    dataDir,
    pid: child.pid ?? -1,
    log: () => output.join(""),
    client(options: RedisOptions = {}): Redis {
      const client = new Redis({ host: "127.0.0.1", port, disableClientInfo: true, ...options });
      // Without a listener ioredis prints each failed reconnect; failing commands reject anyway.
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    async stop(): Promise<void> {
      for (const client of clients.splice(0)) client.disconnect();
      if (running.has(child)) {
        child.kill("SIGCONT");
        child.kill("SIGTERM");
        const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
        await gone(child);
        clearTimeout(force);
      }
      await rm(home, { recursive: true, force: true });
    },
    async kill(signal: NodeJS.Signals): Promise<void> {
      child.kill(signal);
      if (signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGINT") await gone(child);
    },
  };
}

async function gone(child: ChildProcess): Promise<void> {
  if (running.has(child)) await once(child, "exit");
}

/** Ready means: answers PING (or asks for a password) and says that it has finished loading. */
async function ready(child: ChildProcess, port: number, output: readonly string[]): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const reply = await ping(port);
    if (reply.startsWith("+PONG") || reply.startsWith("-MASTERDOWN")) return;
    if (reply.startsWith("-NOAUTH") && /Ready to accept connections|Sentinel ID is/.test(output.join("")))
      return;
    if (!running.has(child) || Date.now() > deadline) {
      const state = running.has(child) ? `not ready after ${READY_TIMEOUT_MS} ms` : "ended at once";
      throw new Error(`redis-server on port ${port} ${state}; last reply ${reply}; log:\n${output.join("")}`);
    }
    await delay(PING_INTERVAL_MS);
  }
}

async function ping(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.setTimeout(1_000, () => socket.destroy(new Error("timeout")));
    socket.write("PING\r\n");
    const [reply] = (await once(socket, "data")) as [Buffer];
    return reply.toString("latin1").trim();
  } catch (error) {
    return `(${String(error)})`;
  } finally {
    socket.destroy();
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
