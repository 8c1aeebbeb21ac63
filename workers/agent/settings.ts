import { EnvReader, type Environment } from "../shared/env.ts";
import { LOG_LEVELS, type LogLevel } from "../shared/logger.ts";
import { AGENT_PORT } from "../shared/ports.ts";

/** What both kinds of agent are told. */
interface CommonSettings {
  readonly podName: string;
  readonly topologyFile: string;
  readonly accountsDirectory: string;
  readonly dataDirectory: string;
  /** TCP port of the HTTP status endpoint. */
  readonly port: number;
  /** Seconds after which waiting is reported as a refusal. */
  readonly verdictTimeoutSeconds: number;
  readonly logLevel: LogLevel;
}

/** Settings of the agent beside a Redis server. */
export interface RedisAgentSettings extends CommonSettings {
  /** Directory shared with the supervisor script. */
  readonly runDirectory: string;
  /** Directory with the operator's overrides: file `accept-data-loss` holds the reason; see overrides.ts. */
  readonly overridesDirectory: string;
  /**
   * Seconds that a replica's link to its primary may be down before the replica gives up being promotable; longer where
   * the Sentinels tolerate more (10 times their down-after), which the agent asks them.
   */
  readonly linkDownLimitSeconds: number;
}

/** Settings of the initial agent of a Sentinel pod. */
export interface SentinelInitSettings extends CommonSettings {
  readonly settingsFile: string;
  readonly authFile: string;
  readonly aclFile: string;
}

const MAX_PORT = 65_535;
const MAX_TIMEOUT_SECONDS = 86_400;
/** What Sentinel tolerates with a down-after of one second. */
const LINK_DOWN_LIMIT_SECONDS = 10;

/** @throws ConfigurationError with every variable that is missing or out of range */
export function redisAgentSettings(environment: Environment): RedisAgentSettings {
  const env = new EnvReader(environment);
  const settings = {
    ...commonSettings(env),
    runDirectory: env.text("AGENT_RUN", "/run/sessiondb"),
    overridesDirectory: env.text("AGENT_OVERRIDES", "/etc/sessiondb/overrides"),
    linkDownLimitSeconds: env.integer("AGENT_LINK_DOWN_LIMIT_SECONDS", {
      default: LINK_DOWN_LIMIT_SECONDS,
      min: 1,
      max: MAX_TIMEOUT_SECONDS,
    }),
  };
  env.done();
  return settings;
}

/** @throws ConfigurationError with every variable that is missing or out of range */
export function sentinelInitSettings(environment: Environment): SentinelInitSettings {
  const env = new EnvReader(environment);
  const settings = {
    ...commonSettings(env),
    settingsFile: env.text("SENTINEL_SETTINGS", "/etc/sessiondb/sentinel/sentinel.conf"),
    authFile: env.text("SENTINEL_AUTH", "/etc/sessiondb/auth/auth.conf"),
    aclFile: env.text("SENTINEL_ACL", "/etc/sessiondb/acl/users.acl"),
  };
  env.done();
  return settings;
}

function commonSettings(env: EnvReader): CommonSettings {
  return {
    podName: env.text("POD_NAME"),
    topologyFile: env.text("AGENT_TOPOLOGY", "/etc/sessiondb/topology/topology.json"),
    accountsDirectory: env.text("AGENT_ACCOUNTS", "/etc/sessiondb/accounts"),
    dataDirectory: env.text("AGENT_DATA", "/data"),
    port: env.integer("AGENT_PORT", { default: AGENT_PORT, min: 1, max: MAX_PORT }),
    verdictTimeoutSeconds: env.integer("AGENT_VERDICT_TIMEOUT_SECONDS", { min: 1, max: MAX_TIMEOUT_SECONDS }),
    logLevel: env.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
}
