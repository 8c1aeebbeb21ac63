/** Probes of Redis containers. Pure. */
import type { types } from "@pulumi/kubernetes";
import { scriptCommand } from "./scripts.ts";

type Probe = types.input.core.v1.Probe;

const LIVENESS_PERIOD_SECONDS = 30;
const READINESS_PERIOD_SECONDS = 5;
const STARTUP_PERIOD_SECONDS = 2;
/** redis-cli answers in milliseconds; a saturated node takes longer, and a probe that gives up early makes that worse. */
const TIMEOUT_SECONDS = 5;

/** What a start may take, and when it is over. */
export interface StartupArgs {
  /** Seconds after which a container that has not started is restarted. */
  readonly startupTimeoutSeconds: number;
  /** `ready`: the data is loaded. `alive`: there is any answer, or rightly none. */
  readonly startedWhen: "ready" | "alive";
}

/**
 * Startup allows for loading the data; readiness wants an answer, no loading, and for a replica its link; liveness takes any
 * answer, LOADING included, so that a slow server is never killed for being slow.
 */
export function redisProbes({ startupTimeoutSeconds, startedWhen }: StartupArgs): {
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
} {
  const exec = (name: "ready.sh" | "live.sh"): Probe["exec"] => ({ command: scriptCommand(name) });
  return {
    startupProbe: {
      exec: exec(startedWhen === "ready" ? "ready.sh" : "live.sh"),
      periodSeconds: STARTUP_PERIOD_SECONDS,
      timeoutSeconds: TIMEOUT_SECONDS,
      failureThreshold: Math.ceil(startupTimeoutSeconds / STARTUP_PERIOD_SECONDS),
    },
    readinessProbe: {
      exec: exec("ready.sh"),
      periodSeconds: READINESS_PERIOD_SECONDS,
      timeoutSeconds: TIMEOUT_SECONDS,
      failureThreshold: 2,
    },
    livenessProbe: {
      exec: exec("live.sh"),
      periodSeconds: LIVENESS_PERIOD_SECONDS,
      timeoutSeconds: TIMEOUT_SECONDS,
      failureThreshold: 4,
    },
  };
}
