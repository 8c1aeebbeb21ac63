import { expect } from "chai";
import {
  accountRoute,
  bindingEntries,
  connectionUrl,
  stackAccounts,
  stackEndpoints,
} from "../../../../components/credentials/accounts.ts";
import { ACCOUNT_NAMES } from "../../../../components/aclFile.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";

const REDIS = { host: "redis.sessiondb-test.svc.cluster.local", port: 6379 };
const CACHE = { host: "cache.sessiondb-test.svc.cluster.local", port: 6379 };
const READ_ONLY = { host: "redis-readonly.sessiondb-test.svc.cluster.local", port: 6379 };
const SENTINELS = [0, 1, 2].map((ordinal) => ({
  host: `sentinel-${ordinal}.sessiondb-test.svc.cluster.local`,
  port: 26379,
}));
const SENTINEL_LIST = SENTINELS.map(({ host, port }) => `${host}:${port}`).join(",");

const standalone = stackEndpoints(testConfig());
const replicated = stackEndpoints(sentinelConfig());
const shared = stackEndpoints(testConfig({ cache: { mode: "shared" } }));

describe("the accounts of a stack", () => {
  it("are all of the design in sentinel mode", () => {
    expect(stackAccounts(sentinelConfig())).to.deep.equal([...ACCOUNT_NAMES]);
  });

  it("leave out in standalone mode what only Sentinels need", () => {
    const names = stackAccounts(testConfig());
    expect(names).to.include.members(["admin", "app", "cache", "monitor", "cleanup", "backup"]);
    expect(names).not.to.include.members(["replication"]);
    expect(names).not.to.include.members(["sentinel"]);
    expect(names).not.to.include.members(["discovery"]);
  });
});

describe("the endpoints of a stack", () => {
  it("are one address for reads and writes in standalone mode", () => {
    expect(standalone).to.deep.equal({ readWrite: REDIS, readOnly: REDIS, sentinels: [], cache: CACHE });
  });

  it("are Sentinels and a read-only address in sentinel mode: no fixed address would stay the primary's", () => {
    expect(replicated).to.deep.equal({
      readOnly: READ_ONLY,
      sentinels: SENTINELS,
      masterName: "sessiondb",
      cache: CACHE,
    });
  });

  it("have no address for a cache that shares the sessions' instance", () => {
    expect(shared).not.to.have.property("cache");
  });
});

describe("an account's route", () => {
  it("leads to sessions in database 0", () => {
    expect(accountRoute("app", standalone)).to.deep.equal({ ...REDIS, database: 0 });
  });

  it("leads the cache account to its own instance, or to database 1 of the shared one", () => {
    expect(accountRoute("cache", standalone)).to.deep.equal({ ...CACHE, database: 1 });
    expect(accountRoute("cache", shared)).to.deep.equal({ ...REDIS, database: 1 });
  });

  it("does not lead the cache account through Sentinels when it has its own instance", () => {
    expect(accountRoute("cache", replicated)).not.to.have.property("sentinels");
  });

  it("leads cleanup to both instances", () => {
    expect(accountRoute("cleanup", standalone)).to.deep.equal({ ...REDIS, database: 0, cache: CACHE });
    expect(accountRoute("cleanup", shared)).not.to.have.property("cache");
  });

  it("leads through the Sentinels in sentinel mode", () => {
    expect(accountRoute("app", replicated)).to.deep.equal({
      ...READ_ONLY,
      database: 0,
      sentinels: SENTINELS,
    });
  });
});

describe("a connection URL", () => {
  it("names account, password, address and database", () => {
    expect(connectionUrl("app", accountRoute("app", standalone), "secret")).to.equal(
      "redis://app:secret@redis.sessiondb-test.svc.cluster.local:6379/0",
    );
  });

  it("lists every Sentinel and the name of the set", () => {
    expect(connectionUrl("app", accountRoute("app", replicated), "secret")).to.equal(
      `redis+sentinel://app:secret@${SENTINEL_LIST}/sessiondb/0`,
    );
  });

  it("escapes what a URL would misread, so that parsing it gives the password back", () => {
    const password = "p@ss/w:rd?%";
    const url = new URL(connectionUrl("app", accountRoute("app", standalone), password));
    expect(decodeURIComponent(url.password)).to.equal(password);
    expect(url.hostname).to.equal(REDIS.host);
  });
});

describe("the entries of an account's Secret", () => {
  it("follow the service-binding layout", () => {
    expect(bindingEntries("app", accountRoute("app", standalone), { password: "secret" })).to.deep.equal({
      type: "redis",
      provider: "sessiondb",
      host: REDIS.host,
      port: "6379",
      username: "app",
      password: "secret",
      database: "0",
      uri: `redis://app:secret@${REDIS.host}:6379/0`,
    });
  });

  it("add in sentinel mode how to ask who is primary", () => {
    const passwords = { password: "secret", discoveryPassword: "asking" };
    expect(bindingEntries("app", accountRoute("app", replicated), passwords)).to.include({
      sentinels: SENTINEL_LIST,
      "master-name": "sessiondb",
      "sentinel-username": "discovery",
      "sentinel-password": "asking",
    });
  });

  it("add for cleanup where the cache is", () => {
    expect(bindingEntries("cleanup", accountRoute("cleanup", standalone), { password: "s" })).to.include({
      "cache-host": CACHE.host,
      "cache-port": "6379",
    });
  });
});
