/** Probes of Redis containers. Pure. */
import type { types } from "@pulumi/kubernetes";
import { scriptCommand } from "./scripts.ts";

type Probe = types.input.core.v1.Probe;

const LIVENESS_PERIOD_SECONDS = 30;
const READINESS_PERIOD_SECONDS = 5;
const STARTUP_PERIOD_SECONDS = 2;
/** redis-cli answers in milliseconds; a saturated node takes longer, and a probe that gives up early makes that worse. */
const TIMEOUT_SECONDS = 5;

/**
 * Startup allows for loading the data; readiness wants an answer, no loading, and for a replica its link; liveness takes any
 * answer, LOADING included, so that a slow server is never killed for being slow.
 *
 * @param startupTimeoutSeconds how long loading may take
 */
export function redisProbes(startupTimeoutSeconds: number): {
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
} {
  const exec = (name: "ready.sh" | "live.sh"): Probe["exec"] => ({ command: scriptCommand(name) });
  return {
    startupProbe: {
      exec: exec("live.sh"),
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
