import type { LocalImages } from "../../local/images/localImages.ts";

/** A stack file's `config:` block. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** Whether a value is an object with keys, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lays `over` upon `base`: objects are merged key by key, everything else is replaced. */
export function mergeConfig(base: StackConfig, over: StackConfig): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isRecord(below) && isRecord(value) ? mergeConfig(below, value) : value;
  }
  return merged;
}

/**
 * What a stack needs to run on the embedded cluster: images made on this machine instead of public ones,
 * the engine's capabilities that follow from them, and the address of the cluster's name server. These are
 * ordinary configuration keys; the program cannot tell where they come from.
 */
export function embeddedOverlay(images: LocalImages, dnsAddress: string): StackConfig {
  return {
    "sessiondb:engine": { name: "redis", version: images.redisVersion, distribution: "debian" },
    "sessiondb:images": {
      redis: images.redis,
      allowUnpinned: true,
      worker: {
        build: {
          repository: "sessiondb.local/worker",
          push: false,
          platforms: [process.arch === "arm64" ? "linux/arm64" : "linux/amd64"],
          contexts: { base: images.nodeBase },
        },
      },
    },
    "sessiondb:network": { dns: { cidrs: [`${dnsAddress}/32`] } },
  };
}
