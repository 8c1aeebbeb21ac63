import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { load, refusal } from "./support.ts";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly rule: string;
  readonly bad: Values;
  readonly key: string;
  readonly says: readonly string[];
  readonly good: Values;
}

const sentinel = (values: Values): Values => ({ mode: "sentinel", ...values });
const DIGEST = `@sha256:${"0".repeat(64)}`;

const CASES: readonly Case[] = [
  {
    rule: "refuses cluster mode with its reason",
    bad: { mode: "cluster" },
    key: "mode",
    says: ["standalone or sentinel", "cluster mode is not supported", "different slots"],
    good: { mode: "standalone" },
  },
  {
    rule: "refuses an even number of Sentinels",
    bad: sentinel({ sentinel: { count: 4, quorum: 3 } }),
    key: "sentinel.count",
    says: ["an odd number", "'sessiondb:sentinel.count' 5"],
    good: sentinel({ sentinel: { count: 5, quorum: 3 } }),
  },
  {
    rule: "refuses a quorum above the number of Sentinels",
    bad: sentinel({ sentinel: { count: 3, quorum: 4 } }),
    key: "sentinel.quorum",
    says: ["a majority of the 3 Sentinels: from 2 to 3"],
    good: sentinel({ sentinel: { count: 3, quorum: 3 } }),
  },
  {
    rule: "refuses a quorum below the majority",
    bad: sentinel({ sentinel: { count: 5, quorum: 2 } }),
    key: "sentinel.quorum",
    says: ["a majority of the 5 Sentinels: from 3 to 5"],
    good: sentinel({ sentinel: { count: 5, quorum: 3 } }),
  },
  {
    rule: "refuses a fenced down-after below the lag bound and 2 s",
    bad: sentinel({ sentinel: { profile: "fenced", downAfterMs: 4999 }, writeSafety: { maxLagSeconds: 3 } }),
    key: "sentinel.downAfterMs",
    says: ["at least 5000 with the profile fenced", "maxLagSeconds (3 s) and 2 s more"],
    good: sentinel({ sentinel: { profile: "fenced", downAfterMs: 5000 }, writeSafety: { maxLagSeconds: 3 } }),
  },
  {
    rule: "refuses fencing without a replica to miss",
    bad: sentinel({ sentinel: { profile: "fenced" }, writeSafety: { minReplicasToWrite: 0 } }),
    key: "writeSafety.minReplicasToWrite",
    says: ["at least 1 with the profile fenced"],
    good: sentinel({ sentinel: { profile: "fast" }, writeSafety: { minReplicasToWrite: 0 } }),
  },
  {
    rule: "refuses to need more replicas for a write than there are",
    bad: sentinel({ redis: { replicas: 2 }, writeSafety: { minReplicasToWrite: 3 } }),
    key: "writeSafety.minReplicasToWrite",
    says: ["at most 2, the number of replicas"],
    good: sentinel({ redis: { replicas: 3 }, writeSafety: { minReplicasToWrite: 3 } }),
  },
  {
    rule: "refuses a failover timeout that no failover meets",
    bad: sentinel({ sentinel: { downAfterMs: 5000, failoverTimeoutMs: 14_999 } }),
    key: "sentinel.failoverTimeoutMs",
    says: ["at least 3 times downAfterMs, 15000"],
    good: sentinel({ sentinel: { downAfterMs: 5000, failoverTimeoutMs: 15_000 } }),
  },
  {
    rule: "refuses failover without volumes",
    bad: sentinel({ persistence: { enabled: false } }),
    key: "persistence.enabled",
    says: ["true in sentinel mode", "copy the emptiness"],
    good: { mode: "standalone", persistence: { enabled: false } },
  },
  {
    rule: "refuses failover with volumes to which nothing is written",
    bad: sentinel({ persistence: { appendOnly: false, savePoints: [] } }),
    key: "persistence.appendOnly",
    says: ["true in sentinel mode when there are no savePoints"],
    good: sentinel({ persistence: { appendOnly: false } }),
  },
  {
    rule: "refuses a maxmemory that leaves no room for forks and buffers",
    bad: sentinel({ redis: { memoryLimit: "1Gi", maxmemory: "651mb" } }),
    key: "redis.maxmemory",
    says: ["at most 650mb with a memoryLimit of 1Gi", "or raise memoryLimit to 1025Mi"],
    good: sentinel({ redis: { memoryLimit: "1Gi", maxmemory: "650mb" } }),
  },
  {
    rule: "refuses a cache maxmemory above its limit",
    bad: { cache: { memoryLimit: "128Mi", maxmemory: "100mb" } },
    key: "cache.maxmemory",
    says: ["at most 64mb with a memoryLimit of 128Mi"],
    good: { cache: { mode: "shared", memoryLimit: "128Mi", maxmemory: "100mb" } },
  },
  {
    rule: "refuses a shared cache whose eviction would end sessions",
    bad: { cache: { mode: "shared" }, redis: { maxmemoryPolicy: "volatile-ttl" } },
    key: "redis.maxmemoryPolicy",
    says: ["noeviction with cache.mode shared", "cache.mode to separate"],
    good: { cache: { mode: "shared" }, redis: { maxmemoryPolicy: "noeviction" } },
  },
  {
    rule: "refuses a separate cache that cannot make room",
    bad: { cache: { maxmemoryPolicy: "noeviction" } },
    key: "cache.maxmemoryPolicy",
    says: ["one of the allkeys policies"],
    good: { cache: { maxmemoryPolicy: "allkeys-lfu" } },
  },
  {
    rule: "refuses a volume smaller than the files it has to hold",
    bad: { redis: { memoryLimit: "8Gi" }, persistence: { storageSize: "10Gi" } },
    key: "persistence.storageSize",
    says: ["at least 18Gi, 3 times maxmemory"],
    good: { redis: { memoryLimit: "8Gi" }, persistence: { storageSize: "18Gi" } },
  },
  {
    rule: "refuses to delete backups before the next one is due",
    bad: { backup: { schedule: "0 2 * * 0", retentionDays: 6 } },
    key: "backup.retentionDays",
    says: ['at least 7 with the schedule "0 2 * * 0"'],
    good: { backup: { schedule: "0 2 * * 0", retentionDays: 7 } },
  },
  {
    rule: "refuses a cron schedule that Kubernetes would not read",
    bad: { cleanup: { sessionsSchedule: "every 5 minutes" } },
    key: "cleanup.sessionsSchedule",
    says: ["a five-field cron schedule such as */5 * * * *"],
    good: { cleanup: { sessionsSchedule: "*/2 * * * *" } },
  },
  {
    rule: "refuses a public image without a digest",
    bad: { images: { redis: "docker.io/library/redis:8.2.1" } },
    key: "images.redis",
    says: ["a digest (@sha256:...)", "sessiondb:images.allowUnpinned true"],
    good: { images: { redis: "docker.io/library/redis:8.2.1", allowUnpinned: true } },
  },
  {
    rule: "refuses a public worker image without a digest",
    bad: { images: { worker: { prebuilt: "ghcr.io/example/worker:1" } } },
    key: "images.worker.prebuilt",
    says: ["a digest (@sha256:...)"],
    good: { images: { worker: { prebuilt: "mirror.internal:5000/example/worker:1" } } },
  },
  {
    rule: "refuses a public base image without a digest",
    bad: { images: { worker: { build: { baseImage: "node:24" } } } },
    key: "images.worker.build.baseImage",
    says: ["a digest (@sha256:...)"],
    good: { images: { worker: { build: { baseImage: `node:24${DIGEST}` } } } },
  },
  {
    rule: "refuses to both build and take a worker image",
    bad: { images: { worker: { build: {}, prebuilt: "mirror.internal/worker:1" } } },
    key: "images.worker.prebuilt",
    says: ["either build or prebuilt, not both", "pulumi config rm"],
    good: { images: { worker: { build: {} } } },
  },
  {
    rule: "refuses several platforms for an image that stays local",
    bad: { images: { worker: { build: { platforms: ["linux/amd64", "linux/arm64"] } } } },
    key: "images.worker.build.push",
    says: ["true with 2 platforms"],
    good: { images: { worker: { build: { platforms: ["linux/amd64", "linux/arm64"], push: true } } } },
  },
  {
    rule: "refuses to pull an image that no registry holds",
    bad: { images: { worker: { build: {} }, pullPolicy: "Always" } },
    key: "images.pullPolicy",
    says: ["IfNotPresent or Never"],
    good: { images: { worker: { build: { push: true } }, pullPolicy: "Always" } },
  },
  {
    rule: "refuses an engine that is too old",
    bad: { engine: { version: "6.2.14" }, images: { redis: "mirror.internal/db:stable" } },
    key: "engine.version",
    says: ["redis 7.0 or newer"],
    good: { engine: { version: "7.0.15" }, images: { redis: "mirror.internal/redis:7.0.15" } },
  },
  {
    rule: "refuses an engine whose name contradicts the image",
    bad: { engine: { name: "valkey", version: "8.1.3" }, images: { redis: "mirror.internal/redis" } },
    key: "engine.name",
    says: ["which its name says is redis"],
    good: { engine: { name: "valkey", version: "8.1.3" }, images: { redis: "mirror.internal/valkey:8.1" } },
  },
  {
    rule: "refuses an engine version that contradicts the image's tag",
    bad: { engine: { version: "8.2.1" }, images: { redis: "mirror.internal/redis:7.2-alpine" } },
    key: "engine.version",
    says: ["whose tag says 7.2", "'sessiondb:engine.version' 7.2.1"],
    good: { engine: { version: "7.2.5" }, images: { redis: "mirror.internal/redis:7.2-alpine" } },
  },
  {
    rule: "refuses a namespace that belongs to the cluster",
    bad: { namespace: "kube-system" },
    key: "namespace",
    says: ["a namespace of the stack's own"],
    good: { namespace: "kubernetes-sessions" },
  },
  {
    rule: "refuses to open the set to every namespace",
    bad: { network: { clientNamespaceLabels: {} } },
    key: "network.clientNamespaceLabels.sessiondb/access",
    says: ["at least one label"],
    good: { network: { clientNamespaceLabels: {}, policies: false } },
  },
];

describe("Rules between configuration values", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  for (const { rule, bad, key, says, good } of CASES) {
    it(rule, () => {
      const error = refusal(bad);
      expect(error.problems.map((problem) => problem.key)).to.deep.equal([`sessiondb:${key}`]);
      for (const part of says) expect(error.message).to.contain(part);
      expect(load(good)).to.be.an("object");
    });
  }

  it("asks for a namespace when the stack's name does not make one", () => {
    expect(() => load({}, "Feature_Login")).to.throw('the name made from the stack "Feature_Login" is none');
    expect(load({ namespace: "review-1" }, "Feature_Login").namespace).to.equal("review-1");
  });
});
