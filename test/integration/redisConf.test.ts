import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { parseRedisSize } from "../../components/redis/memory.ts";
import { renderRedisConf, type RedisConfSettings } from "../../components/redis/redisConf.ts";
import {
  cacheRedisSettings,
  sessionRedisSettings,
  type InstancePaths,
} from "../../components/redis/redisConfSettings.ts";
import type { AppConfig } from "../../stacks/config.ts";
import { assertNoRedisLeft, freePort, startRedis } from "../helpers/redis.ts";
import { load, stackValues } from "../unit/stacks/support.ts";

const ADMIN = { username: "admin", password: "admin-password" };

/** The server on this machine is Debian's; in a stack file that would be written like this. */
const DEBIAN = {
  engine: { name: "redis", version: "7.0.15", distribution: "debian" },
  images: { redis: "mirror.internal/debian-build:stable" },
};

type Render = (config: AppConfig, paths: InstancePaths) => RedisConfSettings;

const INSTANCES: readonly (readonly [name: string, stack: "dev" | "staging" | "prod", render: Render])[] = [
  ["dev", "dev", sessionRedisSettings],
  ["staging", "staging", sessionRedisSettings],
  ["prod", "prod", sessionRedisSettings],
  ["cache", "dev", cacheRedisSettings],
];

/** A value as Redis writes it back: sizes in bytes, flags in a fixed order, no quotes. */
function normal(directive: string, value: string): string {
  if (directive === "notify-keyspace-events") return Array.from(value.replaceAll('"', "")).sort().join("");
  return value
    .replaceAll('"', "")
    .split(" ")
    .map((word) => (/^\d+(kb|mb|gb)$/.test(word) ? String(parseRedisSize(word)) : word))
    .join(" ");
}

describe("redis.conf on a real server", () => {
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "sessiondb-conf-"));
    await writeFile(
      join(home, "users.acl"),
      `user default off\nuser admin on >${ADMIN.password} ~* &* +@all\n`,
    );
    await writeFile(
      join(home, "replication.conf"),
      "masteruser replication\nmasterauth replication-password\n",
    );
  });

  after(async () => {
    pulumi.runtime.setAllConfig({});
    await rm(home, { recursive: true });
    await assertNoRedisLeft();
  });

  for (const [name, stack, settingsOf] of INSTANCES) {
    it(`of ${name} starts, and the server reports every directive as written`, async () => {
      const values = stackValues(stack);
      const port = await freePort();
      const config = load({ ...values, ...DEBIAN }, stack);
      const dataDirectory = await mkdtemp(join(home, "data-"));
      const text = renderRedisConf(
        settingsOf(config, {
          port,
          dataDirectory,
          aclFile: join(home, "users.acl"),
          replicationAuthFile: join(home, "replication.conf"),
        }),
      );
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const server = await startRedis({ port, config: lines });
      try {
        const admin = server.client(ADMIN);
        for (const line of lines) {
          const [directive = "", ...words] = line.split(" ");
          if (directive === "include") continue;
          const [, reported] = (await admin.config("GET", directive)) as [string, string];
          const expected = normal(directive, words.join(" "));
          // This one directive reports all its classes at once.
          if (directive === "client-output-buffer-limit")
            expect(reported).to.contain(expected.replace("replica", "slave"));
          else expect(normal(directive, reported), directive).to.equal(expected);
        }
        if (text.includes("include")) {
          expect(await admin.config("GET", "masteruser")).to.deep.equal(["masteruser", "replication"]);
        }
        expect(server.log()).to.not.match(/# (WARNING(?! Memory overcommit)|.*deprecated)/i);
      } finally {
        await server.stop();
      }
    });
  }

  it("of an official build would be refused by Debian's, which is why capabilities decide", async () => {
    const outcome = await startRedis({ config: ["activedefrag yes"] }).then(
      async (server) => {
        await server.stop();
        return "started";
      },
      (error: unknown) => String(error),
    );
    expect(outcome).to.match(/ended at once/);
  });
});
