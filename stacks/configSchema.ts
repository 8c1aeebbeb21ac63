/**
 * The whole configuration of a stack, under `sessiondb:` in its Pulumi.<stack>.yaml: one zod schema. Single values are judged
 * here; rules between values are in configRules.ts, and config.ts reads, resolves and freezes.
 */
import { z } from "zod";
import {
  agentSchema,
  bootstrapSchema,
  dataSchema,
  sentinelSchema,
  writeSafetySchema,
} from "./configAvailability.ts";
import { choice, dnsLabel, optional, section, text } from "./configFields.ts";
import { backupSchema, cacheSchema, cleanupSchema } from "./configJobs.ts";
import { credentialsSchema, imagesSchema, networkSchema, placementSchema } from "./configPlatform.ts";
import { engineSchema, persistenceSchema, redisSchema } from "./configRedis.ts";

/** Everything that a stack file may set, with the default of everything that it does not. */
export const configSchema = section(
  {
    namespace: optional(
      dnsLabel(
        "sessiondb-dev",
        "Kubernetes namespace that the stack makes; `sessiondb-<stack>` if left out.",
      ),
    ),
    kubeContext: optional(
      text(/^\S+$/, "the name of a kube context", "prod-eu", "Kube context; the current one if left out."),
    ),
    mode: z
      .literal(["standalone", "sentinel"], {
        error: ({ input }) =>
          input === "cluster"
            ? "standalone or sentinel; cluster mode is not supported, because one session operation changes several keys at once (session, user index, deadlines) and a cluster keeps those in different slots"
            : "one of: standalone, sentinel",
      })
      .meta({
        description:
          "`standalone`: one Redis. `sentinel`: a primary, its replicas, and Sentinels that fail over.",
        allowed: "one of: standalone, sentinel",
      })
      .default("standalone"),
    logLevel: choice(["trace", "debug", "info", "warn", "error"], "What agent and workers log.").default(
      "info",
    ),
    engine: engineSchema.prefault({}),
    images: imagesSchema.prefault({}),
    redis: redisSchema.prefault({}),
    persistence: persistenceSchema.prefault({}),
    sentinel: sentinelSchema.prefault({}),
    writeSafety: writeSafetySchema.prefault({}),
    agent: agentSchema.prefault({}),
    cache: cacheSchema.prefault({}),
    cleanup: cleanupSchema.prefault({}),
    backup: backupSchema.prefault({}),
    network: networkSchema.prefault({}),
    placement: placementSchema.prefault({}),
    credentials: credentialsSchema.prefault({}),
    data: dataSchema.prefault({}),
    bootstrap: bootstrapSchema.prefault({}),
  },
  "Configuration of one stack.",
);

/** Configuration as the schema gives it: defaults filled in, values that depend on others still open. */
export type ParsedConfig = z.output<typeof configSchema>;

type DeepReadonly<T> = T extends readonly (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

type ParsedWorkerBuild = NonNullable<ParsedConfig["images"]["worker"]["build"]>;

/** The worker image is either built from this checkout or taken as it is; test `config.images.worker.prebuilt`. */
export type WorkerImageConfig =
  | { readonly build: DeepReadonly<ParsedWorkerBuild>; readonly prebuilt?: undefined }
  | { readonly build?: undefined; readonly prebuilt: string };

type Resolved = Omit<
  DeepReadonly<ParsedConfig>,
  "namespace" | "images" | "redis" | "cache" | "sentinel" | "writeSafety" | "network"
>;

/**
 * Configuration as the program uses it: frozen, complete, every rule kept. What the schema leaves open is decided:
 * the namespace, `maxmemory` of both instances in bytes, the timings of the profile, who may connect.
 */
export interface AppConfig extends Resolved {
  /** Name of the Pulumi stack. */
  readonly stack: string;
  /** Kubernetes namespace of the stack. */
  readonly namespace: string;
  readonly images: DeepReadonly<Omit<ParsedConfig["images"], "worker">> & {
    readonly worker: WorkerImageConfig;
  };
  readonly redis: DeepReadonly<Omit<ParsedConfig["redis"], "maxmemory">> & {
    /** Redis pods: 1 in standalone mode, replicas + 1 in sentinel mode. */
    readonly nodes: number;
    /** `maxmemory` in bytes. */
    readonly maxmemoryBytes: number;
  };
  readonly cache: DeepReadonly<Omit<ParsedConfig["cache"], "maxmemory">> & {
    /** `maxmemory` of the separate cache in bytes. */
    readonly maxmemoryBytes: number;
  };
  readonly sentinel: DeepReadonly<ParsedConfig["sentinel"]> & {
    readonly downAfterMs: number;
    readonly failoverTimeoutMs: number;
  };
  readonly writeSafety: DeepReadonly<ParsedConfig["writeSafety"]> & { readonly maxLagSeconds: number };
  readonly network: DeepReadonly<ParsedConfig["network"]> & {
    readonly clientNamespaceLabels: Readonly<Record<string, string>>;
  };
}
