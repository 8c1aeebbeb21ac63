import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseAddresses, readBinding } from "../../../../workers/shared/binding.ts";
import { ConfigurationError } from "../../../../workers/shared/errors/configurationError.ts";

describe("readBinding", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-binding-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function write(entries: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(entries)) await writeFile(join(directory, key), value);
  }

  it("reads the standalone form", async () => {
    await write({
      type: "redis",
      host: "redis",
      port: "6380",
      username: "app",
      password: "p w\n",
      database: "0",
    });
    expect(await readBinding(directory)).to.deep.equal({
      host: "redis",
      port: 6_380,
      username: "app",
      password: "p w",
      database: 0,
      cacheDatabase: 1,
    });
  });

  it("reads the Sentinel form and the cache's own address", async () => {
    await write({
      host: "redis",
      username: "app",
      password: "p",
      sentinels: "10.0.0.1:26379, [fd00::1]:26380",
    });
    await write({ "master-name": "sessiondb", "sentinel-username": "discovery", "sentinel-password": "q" });
    await write({ "cache-host": "cache", "cache-port": "7000", "cache-database": "0" });
    expect(await readBinding(directory)).to.deep.include({
      port: 6_379,
      sentinel: {
        masterName: "sessiondb",
        addresses: [
          { host: "10.0.0.1", port: 26_379 },
          { host: "fd00::1", port: 26_380 },
        ],
        username: "discovery",
        password: "q",
      },
      cache: { host: "cache", port: 7_000 },
      cacheDatabase: 0,
    });
  });

  it("names everything that is missing or malformed, but no password", async () => {
    await write({ port: "many", password: "secret", sentinels: "a:b:c", "cache-port": "70000" });
    const error = await readBinding(directory).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ConfigurationError);
    const text = String(error);
    for (const part of [
      "/host is",
      '/port is "many"',
      "/username is",
      "/master-name is",
      "a:b:c",
      "/cache-port is",
    ]) {
      expect(text).to.contain(part);
    }
    expect(text).not.to.contain("secret");
  });

  it("refuses an address list without an address", () => {
    const problems: string[] = [];
    expect(parseAddresses(" , ", "sentinels", problems)).to.deep.equal([]);
    expect(problems).to.have.length(1);
  });
});
