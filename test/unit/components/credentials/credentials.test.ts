import { expect } from "chai";
import { Credentials } from "../../../../components/credentials/credentials.ts";
import { passwordHash } from "../../../../components/credentials/passwords.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";
import { at, deploy, isSecretOutput, resolve, type Deployment } from "../../../helpers/pulumi.ts";
import type { AppConfig } from "../../../../stacks/configSchema.ts";

const deployCredentials = (config: AppConfig): Promise<Deployment<Credentials>> =>
  deploy(() => new Credentials("sessiondb-credentials", { config, namespace: config.namespace }));

function text(deployment: Deployment<unknown>, secret: string, key: string): string {
  const value = at(deployment.find("Secret", secret).inputs, "stringData", key);
  if (typeof value !== "string") throw new Error(`${secret} has no ${key}`);
  return value;
}

/** Users of an ACL file, `default` left out. */
function users(acl: string): string[] {
  return acl
    .split("\n")
    .filter((line) => line.startsWith("user ") && !line.startsWith("user default "))
    .map((line) => line.split(" ")[1] ?? "");
}

describe("Credentials", () => {
  it("has one Secret per account in the service-binding layout, under its fixed name", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    const { inputs } = deployment.find("Secret", "account-app");
    expect(inputs.type).to.equal("servicebinding.io/redis");
    expect(text(deployment, "account-app", "username")).to.equal("app");
    expect(text(deployment, "account-app", "password")).to.equal(
      await resolve(deployment.result.passwords.get("app")!),
    );
    expect(deployment.result.secretNames).to.include({ app: "account-app", discovery: "account-discovery" });
  });

  it("lets clients in sentinel mode ask with the discovery account, not with their own", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    expect(text(deployment, "account-app", "sentinel-username")).to.equal("discovery");
    expect(text(deployment, "account-app", "sentinel-password")).to.equal(
      await resolve(deployment.result.passwords.get("discovery")!),
    );
  });

  it("knows passwords in ACL files as hashes only, and the default user as off", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    const acl = text(deployment, "redis-acl", "users.acl");
    const password = await resolve(deployment.result.passwords.get("app")!);
    expect(acl)
      .to.include(`user app on #${passwordHash(password)} `)
      .and.not.to.include(password);
    expect(acl).to.match(/^user default off /m);
  });

  it("gives each kind of server the accounts that it needs", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    expect(users(text(deployment, "redis-acl", "users.acl"))).to.have.members([
      "admin",
      "replication",
      "sentinel",
      "app",
      "monitor",
      "cleanup",
      "backup",
    ]);
    expect(users(text(deployment, "cache-acl", "users.acl"))).to.have.members([
      "admin",
      "cache",
      "monitor",
      "cleanup",
    ]);
    expect(users(text(deployment, "sentinel-acl", "users.acl"))).to.have.members([
      "admin",
      "sentinel",
      "discovery",
      "monitor",
    ]);
  });

  it("has the cache account on the session instance, and no second ACL, when they share one", async () => {
    const deployment = await deployCredentials(testConfig({ cache: { mode: "shared" } }));
    expect(users(text(deployment, "redis-acl", "users.acl"))).to.include("cache");
    expect(deployment.tryFind("Secret", "cache-acl")).to.equal(undefined);
    expect(deployment.result.cacheAcl).to.equal(undefined);
  });

  it("has nothing of Sentinel and replication in standalone mode", async () => {
    const deployment = await deployCredentials(testConfig());
    for (const secret of [
      "sentinel-acl",
      "sentinel-auth",
      "redis-auth",
      "account-replication",
      "account-discovery",
    ]) {
      expect(deployment.tryFind("Secret", secret), secret).to.equal(undefined);
    }
  });

  it("writes the replication login in redis.conf's words", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    const password = await resolve(deployment.result.passwords.get("replication")!);
    expect(text(deployment, "redis-auth", "replication.conf")).to.equal(
      `masteruser replication\nmasterauth ${password}\n`,
    );
  });

  it("writes the Sentinels' logins, to Redis and to each other, in sentinel.conf's words", async () => {
    const deployment = await deployCredentials(sentinelConfig());
    const password = await resolve(deployment.result.passwords.get("sentinel")!);
    expect(text(deployment, "sentinel-auth", "auth.conf").split("\n")).to.have.members([
      "sentinel auth-user sessiondb sentinel",
      `sentinel auth-pass sessiondb ${password}`,
      "sentinel sentinel-user sentinel",
      `sentinel sentinel-pass ${password}`,
      "",
    ]);
  });

  it("has a revision that is no secret and changes with the accepted passwords", async () => {
    const [before, both] = [
      await deployCredentials(testConfig()),
      await deployCredentials(testConfig({ credentials: { acceptBothSlots: true } })),
    ];
    expect(await isSecretOutput(before.result.redisAcl.revision)).to.equal(false);
    expect(await resolve(before.result.redisAcl.revision)).to.match(/^[0-9a-f]{16}$/);
    expect(await resolve(both.result.redisAcl.revision)).not.to.equal(
      await resolve(before.result.redisAcl.revision),
    );
  });

  it("registers the names of its Secrets and no password", async () => {
    const deployment = await deployCredentials(testConfig());
    const component = deployment.find("Credentials", "sessiondb-credentials");
    expect(Object.keys(component.outputs ?? {})).to.deep.equal(["secretNames"]);
    expect(component.inputs).to.deep.equal({});
  });
});
