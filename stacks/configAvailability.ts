/** Configuration of failover: Sentinels, write safety, the agent beside each Redis, and the way out of a refusal. */
import { choice, cpu, flag, integer, optional, quantity, section, text } from "./configFields.ts";

/** The Sentinels. */
export const sentinelSchema = section(
  {
    count: integer(3, 7, "Number of Sentinels; odd.").default(3),
    quorum: integer(
      2,
      7,
      "Sentinels that must agree that the primary is gone; more than half of them.",
    ).default(2),
    profile: choice(
      ["fast", "fenced"],
      "`fast`: failover after 1 s, safety by clients that check WAIT. `fenced`: the old primary stops taking writes before a new one starts.",
    ).default("fast"),
    downAfterMs: optional(
      integer(
        500,
        60_000,
        "Silence after which a Sentinel calls an instance down; 1000 (fast) or 4000 (fenced) if left out.",
      ),
    ),
    failoverTimeoutMs: optional(
      integer(
        3_000,
        600_000,
        "Bound of one failover's steps; after a failed try the next waits twice as long. At least 3 times `downAfterMs`; by default 6000 or 3 times that, whichever is more.",
      ),
    ),
    parallelSyncs: integer(1, 3, "Replicas that follow a new primary at the same time.").default(1),
    cpuRequest: cpu("50m", "CPU request of each Sentinel.").default("50m"),
    memoryLimit: quantity(["32Mi", "2Gi", "64Mi"], "Memory limit, and request, of each Sentinel.").default(
      "64Mi",
    ),
    storageSize: quantity(
      ["16Mi", "100Gi", "1Gi"],
      "Volume on which each Sentinel keeps its rewritten configuration.",
    ).default("1Gi"),
  },
  "The Sentinels; read in sentinel mode only.",
);

/** When a primary refuses writes because nobody would hold a copy of them. */
export const writeSafetySchema = section(
  {
    minReplicasToWrite: integer(0, 3, "Good replicas without which writes are refused; 0 for none.").default(
      1,
    ),
    maxLagSeconds: optional(
      integer(
        1,
        60,
        "Seconds since its last acknowledgement after which a replica is no longer good; 3 (fast) or 2 (fenced) if left out.",
      ),
    ),
  },
  "When a primary refuses writes; read in sentinel mode only.",
);

/** The agent beside each Redis in sentinel mode. */
export const agentSchema = section(
  {
    cpuRequest: cpu("25m", "CPU request of each agent.").default("25m"),
    memoryLimit: quantity(["64Mi", "1Gi", "96Mi"], "Memory limit, and request, of each agent.").default(
      "96Mi",
    ),
    verdictTimeoutSeconds: integer(
      5,
      3600,
      "How long an instance that starts waits for Sentinels and peers before the agent refuses and says what is missing.",
    ).default(120),
  },
  "The agent beside each Redis, which decides how it may start; read in sentinel mode only.",
);

/** Ways out of a safe refusal. */
export const bootstrapSchema = section(
  {
    acceptDataLoss: optional(
      text(
        /^\S(.{0,198}\S)?$/,
        "a reason of 1 to 200 characters on one line",
        "volume of redis-0 is lost, newest copy is redis-1",
        "Reason for starting a set although the newest data may be missing. Remove it again once the set is up.",
      ),
    ),
  },
  "Overrides for a set that refuses to start.",
);

/** Guards around data. */
export const dataSchema = section(
  {
    protect: flag("Pulumi refuses to delete the namespace and the data and backup volumes.").default(false),
    retainOnDestroy: flag("`destroy` leaves namespace, data and backup volumes in the cluster.").default(
      true,
    ),
  },
  "Guards around data.",
);
