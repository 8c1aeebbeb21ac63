import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { renderRedisAcl } from "../../components/aclFile.ts";
import { startRedis } from "../helpers/redis.ts";

const PASSWORD = "only-for-this-test";

describe("transactions in the append-only file", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "aof-acl-"));
  });
  after(() => rm(directory, { recursive: true }));

  it("survive a restart although nobody can log in as default", async () => {
    const hash = createHash("sha256").update(PASSWORD).digest("hex");
    const aclFile = renderRedisAcl([{ name: "admin", passwordHashes: [hash] }]);
    const options = { aclFile, dataDir: directory, config: ["appendonly yes", "appendfsync always"] };
    const login = { username: "admin", password: PASSWORD };

    const first = await startRedis(options);
    await first.client(login).set("session:gone", "x");
    await first.client(login).multi().set("session:kept", "y").unlink("session:gone").exec();
    await first.stop();

    const second = await startRedis(options);
    try {
      expect(await second.client(login).mget("session:kept", "session:gone")).to.deep.equal(["y", null]);
      const refused = await second
        .client({ username: "default", password: PASSWORD, retryStrategy: () => null })
        .ping()
        .catch(String);
      expect(refused).to.match(/WRONGPASS|NOAUTH|closed/);
    } finally {
      await second.stop();
    }
  });
});
