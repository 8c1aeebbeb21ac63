import { expect } from "chai";
import type { Connection } from "../../../stacks/outputs.ts";
import { PUBLISHED_ACCOUNTS } from "../../../stacks/outputs.ts";
import { at, isSecretOutput, resolve } from "../../helpers/pulumi.ts";
import { deployStack, type StackName } from "../../helpers/stacks.ts";

async function connections(stack: StackName): Promise<Readonly<Record<string, Connection>>> {
  return resolve((await deployStack(stack)).result.connections);
}

describe("the outputs of a stack", () => {
  it("are namespace, mode, endpoints, names of Secrets and connections", async () => {
    const { result } = await deployStack("staging");
    expect(Object.keys(result)).to.have.members([
      "namespace",
      "mode",
      "endpoints",
      "secretNames",
      "connections",
    ]);
    expect(result.mode).to.equal("sentinel");
    expect(await resolve(result.namespace)).to.equal("sessiondb-staging");
    expect(result.secretNames).to.include({
      app: "account-app",
      cache: "account-cache",
      admin: "account-admin",
    });
  });

  it("mark connections, and nothing else, as secret", async () => {
    const { result } = await deployStack("dev");
    expect(await isSecretOutput(result.connections)).to.equal(true);
    expect(await isSecretOutput(result.namespace)).to.equal(false);
  });

  it("give in standalone mode a URL that holds everything", async () => {
    const { app } = await connections("dev");
    expect(new URL(app!.url)).to.include({
      protocol: "redis:",
      username: "app",
      hostname: "redis.sessiondb-dev.svc.cluster.local",
      port: "6379",
      pathname: "/0",
    });
    expect(app).not.to.have.property("sentinels");
  });

  it("give in sentinel mode the Sentinels, the name of the set and the login for asking them", async () => {
    const { app } = await connections("staging");
    expect(app).to.include({
      masterName: "sessiondb",
      sentinelUsername: "discovery",
      username: "app",
      database: 0,
    });
    expect(app!.sentinels).to.deep.equal(
      [0, 1, 2].map((ordinal) => ({
        host: `sentinel-${ordinal}.sessiondb-staging.svc.cluster.local`,
        port: 26379,
      })),
    );
    expect(app!.sentinelPassword).to.match(/^[A-Za-z0-9]{48}$/);
    expect(app!.sentinelPassword).not.to.equal(app!.password);
    expect(app!.url).to.match(/^redis\+sentinel:\/\/app:/);
  });

  it("lead the cache account to database 1 of its own instance", async () => {
    const { cache } = await connections("staging");
    expect(cache).to.include({ host: "cache.sessiondb-staging.svc.cluster.local", database: 1 });
    expect(cache!.url).to.match(/^redis:\/\/cache:.*\/1$/);
  });

  it("hold the passwords that the accounts' Secrets hold", async () => {
    const { find } = await deployStack("staging");
    const all = await connections("staging");
    for (const account of PUBLISHED_ACCOUNTS) {
      const { inputs } = find("Secret", `account-${account}`);
      expect(all[account]!.password, account).to.equal(at(inputs, "stringData", "password"));
      expect(all[account]!.url, account).to.equal(at(inputs, "stringData", "uri"));
    }
  });

  it("publish no account that only the stack's own parts use", async () => {
    const names = Object.keys(await connections("prod"));
    for (const account of ["replication", "sentinel", "cleanup", "backup"])
      expect(names).not.to.include(account);
  });

  it("tell plain clients where to read, and where to write if there is such a place", async () => {
    const [dev, staging] = [await deployStack("dev"), await deployStack("staging")];
    expect(dev.result.endpoints.readWrite).to.deep.equal({
      host: "redis.sessiondb-dev.svc.cluster.local",
      port: 6379,
    });
    expect(staging.result.endpoints).not.to.have.property("readWrite");
    expect(staging.result.endpoints.readOnly.host).to.equal(
      "redis-readonly.sessiondb-staging.svc.cluster.local",
    );
  });
});
