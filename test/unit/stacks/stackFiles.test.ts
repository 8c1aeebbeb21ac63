import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { parse } from "yaml";
import { parseKubernetesQuantity } from "../../../components/redis/memory.ts";
import type { AppConfig } from "../../../stacks/config.ts";
import { describeSchema } from "../../../stacks/configPaths.ts";
import { ROOT, STACKS, stackConfig, stackValues } from "./support.ts";

interface ProjectFile {
  readonly main: string;
  readonly runtime: { readonly options: Record<string, unknown> };
  readonly config: Record<
    string,
    { type: string; description?: string; default?: unknown; secret?: boolean }
  >;
}

const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as ProjectFile;

const millicores = (cpu: string): number =>
  cpu.endsWith("m") ? Number.parseInt(cpu, 10) : Number(cpu) * 1000;

/** Requests of everything that may run at the same moment, jobs included. */
function requests(config: AppConfig): { cpuMillicores: number; memoryBytes: number } {
  const { redis, sentinel, agent, cache, cleanup, backup } = config;
  const ha = config.mode === "sentinel";
  const pods = [
    { ...redis, count: redis.nodes },
    { ...agent, count: ha ? redis.nodes : 0 },
    { ...sentinel, count: ha ? sentinel.count : 0 },
    { ...cache, count: cache.mode === "separate" ? 1 : 0 },
    { ...cleanup, count: 2 },
    { ...backup, count: 1 },
  ];
  return {
    cpuMillicores: pods.reduce((sum, pod) => sum + pod.count * millicores(pod.cpuRequest), 0),
    memoryBytes: pods.reduce((sum, pod) => sum + pod.count * parseKubernetesQuantity(pod.memoryLimit), 0),
  };
}

describe("The committed stack files", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  for (const stack of STACKS) {
    it(`${stack} is accepted and holds no secret`, () => {
      expect(stackConfig(stack).stack).to.equal(stack);
      expect(JSON.stringify(stackValues(stack))).to.not.match(/password|secure/i);
    });

    it(`${stack} sets only keys that Pulumi.yaml declares`, () => {
      const declared = Object.keys(project.config).map((key) => key.replace("sessiondb:", ""));
      expect(declared).to.include.members(Object.keys(stackValues(stack)));
    });
  }

  it("dev is standalone, small and backed up weekly", () => {
    const dev = stackConfig("dev");
    expect(dev.mode).to.equal("standalone");
    expect(dev.redis.maxmemoryBytes).to.equal(256 * 1024 ** 2);
    expect(dev.backup.schedule).to.equal("0 2 * * 0");
    expect(requests(dev).cpuMillicores).to.be.at.most(400);
    expect(requests(dev).memoryBytes).to.be.below(1.5 * 1024 ** 3);
  });

  it("staging has a primary, two replicas and three Sentinels, and fits one small node", () => {
    const staging = stackConfig("staging");
    expect([staging.mode, staging.redis.nodes, staging.sentinel.count]).to.deep.equal(["sentinel", 3, 3]);
    expect(requests(staging).cpuMillicores).to.be.below(1200);
    expect(requests(staging).memoryBytes).to.be.below(4 * 1024 ** 3);
  });

  it("prod is fenced, spread over zones, backed up daily, and its data is guarded", () => {
    const prod = stackConfig("prod");
    expect([prod.mode, prod.redis.replicas, prod.sentinel.profile]).to.deep.equal(["sentinel", 3, "fenced"]);
    expect(prod.redis.maxmemoryBytes).to.equal(1536 * 1024 ** 2);
    expect(prod.persistence.storageSize).to.equal("50Gi");
    expect(prod.placement).to.include({ zoneSpread: "required", podAntiAffinity: "required" });
    expect(prod.data).to.deep.equal({ protect: true, retainOnDestroy: true });
    expect(prod.backup.schedule).to.equal("0 2 * * *");
  });
});

describe("Pulumi.yaml", () => {
  it("declares every top-level key of the schema with type, description and default, and no other but the secret", () => {
    const schema = describeSchema().properties ?? {};
    const { "sessiondb:registryPassword": secret, ...declared } = project.config;
    expect(secret).to.include({ type: "string", secret: true });
    expect(Object.keys(declared).sort()).to.deep.equal(
      Object.keys(schema)
        .map((key) => `sessiondb:${key}`)
        .sort(),
    );
    for (const [key, entry] of Object.entries(declared)) {
      const { type, default: fallback } = schema[key.replace("sessiondb:", "")]!;
      expect(entry.type, key).to.equal(type);
      expect(entry.description, key).to.have.length.above(20);
      expect(entry.default, key).to.deep.equal(type === "object" ? {} : (fallback ?? ""));
    }
  });

  it("runs the TypeScript entry point with tsx", () => {
    expect(project.main).to.equal("index.ts");
    expect(project.runtime.options).to.include({ typescript: false, nodeargs: "--import tsx" });
  });
});
