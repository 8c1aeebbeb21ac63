import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { renderRedisConf, type RedisConfSettings } from "../../../components/redis/redisConf.ts";
import { cacheRedisSettings, sessionRedisSettings } from "../../../components/redis/redisConfSettings.ts";
import { load, stackConfig } from "../stacks/support.ts";

const GOLDEN = join(import.meta.dirname, "golden");

/** Compares with the committed text; UPDATE_GOLDEN=1 writes it instead. */
function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
  expect(text).to.equal(readFileSync(file, "utf8"));
}

function sessionsOf(values: Readonly<Record<string, unknown>>): string {
  return renderRedisConf(sessionRedisSettings(load(values)));
}

describe("redis.conf", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  for (const stack of ["dev", "staging", "prod"] as const) {
    it(`of ${stack} is as committed`, () => {
      expectGolden(`redis-${stack}.conf`, renderRedisConf(sessionRedisSettings(stackConfig(stack))));
    });
  }

  it("of the separate cache is as committed", () => {
    expectGolden("cache-dev.conf", renderRedisConf(cacheRedisSettings(stackConfig("dev"))));
  });

  it("names active defragmentation only where it is compiled in", () => {
    expect(sessionsOf({})).to.contain("\nactivedefrag yes\n");
    const debian = {
      engine: { version: "7.0.15", distribution: "debian" },
      images: { redis: "mirror.internal/r" },
    };
    expect(sessionsOf(debian)).to.not.contain("activedefrag");
    expect(sessionsOf({ redis: { activeDefrag: false } })).to.contain("\nactivedefrag no\n");
  });

  it("names compact sets only where the engine knows them", () => {
    expect(sessionsOf({})).to.contain("\nset-max-listpack-entries 128\n");
    const older = { engine: { version: "7.0.15" }, images: { redis: "mirror.internal/redis:7.0.15" } };
    expect(sessionsOf(older)).to.not.contain("\nset-max-listpack-entries");
  });

  it("holds every directive once, and no secret", () => {
    const settings: RedisConfSettings = sessionRedisSettings(stackConfig("prod"));
    const text = renderRedisConf(settings);
    const directives = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const names = directives.map((line) => line.split(" ")[0]);
    expect(names).to.deep.equal([...new Set(names)]);
    expect(text).to.not.match(/masterauth|requirepass|rename-command/);
  });

  it("replicates in sentinel mode only", () => {
    expect(sessionsOf({})).to.not.match(/replica-priority|min-replicas|include/);
    const text = sessionsOf({ mode: "sentinel" });
    expect(text).to.contain("\nmin-replicas-to-write 1\nmin-replicas-max-lag 3\n");
    expect(text).to.contain("\ninclude /etc/sessiondb/auth/replication.conf\n");
  });

  it("lets a failed snapshot stop writes only where nothing else keeps them", () => {
    expect(sessionsOf({})).to.contain("stop-writes-on-bgsave-error no");
    expect(sessionsOf({ persistence: { appendOnly: false } })).to.contain("stop-writes-on-bgsave-error yes");
  });

  it("writes empty values so that Redis reads them as such", () => {
    const text = sessionsOf({ persistence: { savePoints: [] }, redis: { notifyKeyspaceEvents: "" } });
    expect(text).to.contain('\nsave ""\n').and.contain('\nnotify-keyspace-events ""\n');
    expect(sessionsOf({ persistence: { enabled: false } })).to.contain('save ""\nappendonly no\n');
  });
});
