import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import { AGENT_PORT, REDIS_PORT, SENTINEL_PORT } from "../workers/shared/ports.ts";
import type { Component } from "./labels.ts";
import { NAMES, ordinals, podName } from "./names.ts";
import { renderTopology, TOPOLOGY_FILE } from "./redis/topology.ts";
import { podService } from "./services.ts";
import { configMap } from "./workload.ts";

/** Arguments of `Topology`. */
export interface TopologyArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * A Service of its own for every Redis and Sentinel pod, and the file that tells all of them each other's addresses. It is
 * made before either set, since both read it at start.
 *
 * @example
 * const topology = new Topology("sessiondb-topology", { config, namespace }, { parent });
 */
export class Topology extends pulumi.ComponentResource {
  /** Name of the ConfigMap that holds `topology.json`. */
  readonly configMapName: pulumi.Output<string>;

  constructor(name: string, args: TopologyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Topology", name, {}, opts);
    const { config } = args;
    const redis = this.#addresses(name, args, "redis", NAMES.redis, config.redis.nodes, REDIS_PORT);
    const sentinels = this.#addresses(
      name,
      args,
      "sentinel",
      NAMES.sentinel,
      config.sentinel.count,
      SENTINEL_PORT,
    );
    const text = pulumi
      .all([pulumi.all(redis), pulumi.all(sentinels)])
      .apply(([redisHosts, sentinelHosts]) =>
        renderTopology({ redis: redisHosts, sentinels: sentinelHosts, quorum: config.sentinel.quorum }),
      );
    const map = configMap(
      `${name}-map`,
      { config, namespace: args.namespace, component: "redis", data: { [TOPOLOGY_FILE]: text } },
      this,
    );
    this.configMapName = map.metadata.name;
    this.registerOutputs({ configMapName: this.configMapName });
  }

  #addresses(
    name: string,
    { config, namespace }: TopologyArgs,
    component: Component,
    set: string,
    count: number,
    port: number,
  ): pulumi.Output<string>[] {
    return ordinals(count).map((ordinal) => {
      const pod = podName(set, ordinal);
      const ports = { [component]: port, agent: AGENT_PORT };
      return podService(
        `${name}-${pod}`,
        { config, namespace, component, serviceName: pod, ports },
        pod,
        this,
      ).spec.clusterIP;
    });
  }
}
