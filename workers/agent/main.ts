import { readFile } from "node:fs/promises";
import { ConfigurationError } from "../shared/errors/configurationError.ts";
import { EXIT } from "../shared/exitCodes.ts";
import { createLogger, type Logger } from "../shared/logger.ts";
import { listenForStop } from "../shared/shutdown.ts";
import { accountFrom } from "./accounts.ts";
import { HistoryRecorder } from "./historyRecorder.ts";
import { Mailbox } from "./mailbox.ts";
import { Observer } from "./observe.ts";
import { Overrides } from "./overrides.ts";
import { RedisAgent } from "./redisAgent.ts";
import { RedisLink } from "./redisLink.ts";
import { prepareSentinel } from "./sentinelInit.ts";
import {
  redisAgentSettings,
  sentinelInitSettings,
  type RedisAgentSettings,
  type SentinelInitSettings,
} from "./settings.ts";
import { startStatusServer } from "./statusServer.ts";
import { memberNamed, parseTopology } from "./topology.ts";

/** Bound for every single question to a peer, a Sentinel or the own server. */
const ANSWER_TIMEOUT_MS = 1_000;
/** The agent has no batch to finish; a round ends within two answers. */
const STOP_GRACE_MS = 5_000;

async function runRedisAgent(
  settings: RedisAgentSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const topology = parseTopology(await readFile(settings.topologyFile, "utf8"));
  const self = settings.podName;
  const member = memberNamed(topology.redis, self);
  const monitor = accountFrom(settings.accountsDirectory, "monitor");
  const admin = accountFrom(settings.accountsDirectory, "admin");
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const observer = new Observer({ topology, self, credentials: monitor, timeoutMs: ANSWER_TIMEOUT_MS });
  // The agent shares the pod's network with its server, whatever address that is announced under.
  const local = { host: "127.0.0.1", port: member.port };
  const link = new RedisLink(local, monitor, ANSWER_TIMEOUT_MS);
  const adminLink = new RedisLink(local, admin, ANSWER_TIMEOUT_MS);
  const overrides = new Overrides(settings.overridesDirectory, logger);
  const agent = new RedisAgent({
    topology,
    self,
    dataDirectory: settings.dataDirectory,
    bootId,
    timeoutSeconds: settings.verdictTimeoutSeconds,
    linkDownLimitSeconds: settings.linkDownLimitSeconds,
    acceptDataLoss: () => overrides.acceptDataLoss(),
    mailbox: new Mailbox(settings.runDirectory),
    recorder: new HistoryRecorder(settings.dataDirectory, bootId),
    observe: () => observer.observe(),
    link,
    adminLink,
    logger,
  });
  const source = { state: () => agent.state(), status: () => agent.status() };
  const server = await startStatusServer(settings.port, source);
  try {
    await agent.run(signal);
  } finally {
    observer.close();
    link.close();
    adminLink.close();
    await server.close();
  }
}

async function runSentinelInit(
  settings: SentinelInitSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const topology = parseTopology(await readFile(settings.topologyFile, "utf8"));
  const self = settings.podName;
  const file = {
    masterName: topology.masterName,
    quorum: topology.quorum,
    members: topology,
    announce: memberNamed(topology.sentinels, self),
    directory: settings.dataDirectory,
    aclFile: settings.aclFile,
    settings: await readFile(settings.settingsFile, "utf8"),
    auth: await readFile(settings.authFile, "utf8"),
  };
  const credentials = accountFrom(settings.accountsDirectory, "monitor");
  const observer = new Observer({ topology, self, credentials, timeoutMs: ANSWER_TIMEOUT_MS });
  let missing = "";
  const server = await startStatusServer(settings.port, {
    state: () => Promise.resolve({ kind: "unconfigured" }),
    status: () => ({ pod: self, phase: "waiting", missing }),
  });
  const init = {
    topology,
    file,
    timeoutSeconds: settings.verdictTimeoutSeconds,
    observe: () => observer.observe(),
    logger,
    onWait: (text: string): void => {
      missing = text;
    },
  };
  try {
    await prepareSentinel(init, signal);
  } finally {
    observer.close();
    await server.close();
  }
}

async function main(): Promise<void> {
  const [command] = process.argv.slice(2);
  if (command !== "redis" && command !== "sentinel-init") {
    throw new ConfigurationError([`the command is ${command ?? "missing"}; give redis or sentinel-init`]);
  }
  const settings = command === "redis" ? redisAgentSettings(process.env) : sentinelInitSettings(process.env);
  const logger = createLogger("agent", settings.logLevel).child({ pod: settings.podName });
  const shutdown = listenForStop({ logger, graceMs: STOP_GRACE_MS });
  try {
    if ("runDirectory" in settings) {
      await runRedisAgent(settings, logger, shutdown.signal);
    } else {
      await runSentinelInit(settings, logger, shutdown.signal);
      // Success would let the Sentinel start without its file.
      if (shutdown.signal.aborted) process.exitCode = EXIT.failed;
    }
  } finally {
    shutdown.dispose();
  }
}

main().catch((error: unknown) => {
  createLogger("agent", "info").fatal({ err: error }, "the agent ended");
  process.exitCode = error instanceof ConfigurationError ? EXIT.usage : EXIT.failed;
});
