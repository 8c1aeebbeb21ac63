import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../stacks/configSchema.ts";
import {
  CACHE_ACCOUNTS,
  renderRedisAcl,
  renderSentinelAcl,
  SENTINEL_ACCOUNTS,
  sessionAccounts,
  type AccountName,
  type AclAccount,
} from "../aclFile.ts";
import { stackLabels } from "../labels.ts";
import { accountSecretName } from "../names.ts";
import { MASTER_NAME } from "../redis/sentinelConf.ts";
import { accountRoute, bindingEntries, stackAccounts, stackEndpoints } from "./accounts.ts";
import { accountPasswords, type AccountPasswords } from "./passwords.ts";

/** Arguments of `Credentials`. */
export interface CredentialsArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Name of the namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
}

/** A Secret with the accounts that a kind of server accepts. */
export interface AclSecret {
  /** Name of the Secret; its key is `users.acl`. */
  readonly secretName: string;
  /**
   * Changes whenever the accounts do, or the login that the same servers use among themselves: both are read at their start
   * only. Not a secret: a digest over long random passwords.
   */
  readonly revision: pulumi.Output<string>;
  readonly resource: pulumi.Resource;
}

/**
 * Every account of a stack: generated passwords (or ones from Secrets of yours), the ACL files that know them as hashes
 * only, and one Secret per account in the service-binding layout. The Secrets have fixed names and change in place.
 *
 * @example
 * const credentials = new Credentials("sessiondb-credentials", { config, namespace: namespace.namespaceName }, { parent });
 * credentials.secretNames.app; // "account-app"
 */
export class Credentials extends pulumi.ComponentResource {
  /** Name of the Secret of each account. */
  readonly secretNames: Readonly<Partial<Record<AccountName, string>>>;
  /** The active password of each account, secret. */
  readonly passwords: ReadonlyMap<AccountName, pulumi.Output<string>>;
  /** Accounts of the instances that hold sessions. */
  readonly redisAcl: AclSecret;
  /** Accounts of the separate cache. */
  readonly cacheAcl: AclSecret | undefined;
  /** Accounts of the Sentinels. */
  readonly sentinelAcl: AclSecret | undefined;
  /** Secret with the replication login; key `replication.conf`. */
  readonly redisAuthSecretName: string | undefined;
  /** Secret with the Sentinels' logins; key `auth.conf`. */
  readonly sentinelAuthSecretName: string | undefined;
  /** Everything that pods mount; they are made after it. */
  readonly secrets: readonly pulumi.Resource[];

  readonly #args: CredentialsArgs;
  readonly #name: string;
  readonly #made: pulumi.Resource[] = [];

  constructor(name: string, args: CredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:Credentials", name, {}, opts);
    this.#args = args;
    this.#name = name;
    const { config } = args;
    const accounts = stackAccounts(config);
    const passwords = new Map(
      accounts.map((account) => [account, accountPasswords(name, config, account, this)]),
    );
    this.passwords = new Map([...passwords].map(([account, { active }]) => [account, active]));
    const sentinelMode = config.mode === "sentinel";
    const redisLogin = sentinelMode ? this.#redisLogin() : undefined;
    const sentinelLogin = sentinelMode ? this.#sentinelLogin() : undefined;
    this.redisAcl = this.#aclSecret(
      "redis-acl",
      passwords,
      sessionAccounts({ mode: config.mode, cacheMode: config.cache.mode }),
      renderRedisAcl,
      redisLogin,
    );
    this.cacheAcl =
      config.cache.mode === "separate"
        ? this.#aclSecret("cache-acl", passwords, CACHE_ACCOUNTS, renderRedisAcl)
        : undefined;
    this.sentinelAcl = sentinelMode
      ? this.#aclSecret("sentinel-acl", passwords, SENTINEL_ACCOUNTS, renderSentinelAcl, sentinelLogin)
      : undefined;
    this.redisAuthSecretName = this.#loginSecret("redis-auth", "replication.conf", redisLogin);
    this.sentinelAuthSecretName = this.#loginSecret("sentinel-auth", "auth.conf", sentinelLogin);
    this.secretNames = Object.fromEntries(accounts.map((account) => [account, this.#accountSecret(account)]));
    this.secrets = this.#made;
    this.registerOutputs({ secretNames: this.secretNames });
  }

  #password(account: AccountName): pulumi.Output<string> {
    const password = this.passwords.get(account);
    if (password === undefined) throw new Error(`the stack has no account ${account} in this mode`);
    return password;
  }

  #secret(
    secretName: string,
    stringData: pulumi.Input<Record<string, pulumi.Input<string>>>,
    type?: string,
  ): k8s.core.v1.Secret {
    const { namespace, config } = this.#args;
    const secret = new k8s.core.v1.Secret(
      `${this.#name}-${secretName}`,
      {
        metadata: { name: secretName, namespace, labels: stackLabels(config.namespace) },
        stringData: pulumi.secret(stringData),
        ...(type === undefined ? {} : { type }),
      },
      { parent: this },
    );
    this.#made.push(secret);
    return secret;
  }

  #aclSecret(
    secretName: string,
    passwords: ReadonlyMap<AccountName, AccountPasswords>,
    names: readonly AccountName[],
    render: (accounts: readonly AclAccount[]) => string,
    login?: pulumi.Output<string>,
  ): AclSecret {
    const accounts = names.map((account) =>
      (passwords.get(account)?.hashes ?? pulumi.output<string[]>([])).apply((passwordHashes) => ({
        name: account,
        passwordHashes,
      })),
    );
    const text = pulumi.secret(pulumi.all(accounts).apply(render));
    const resource = this.#secret(secretName, { "users.acl": text });
    const revision = pulumi.unsecret(
      pulumi
        .all([text, login ?? ""])
        .apply((read) => createHash("sha256").update(read.join("")).digest("hex").slice(0, 16)),
    );
    return { secretName, revision, resource };
  }

  /** How a replica logs in to its primary. */
  #redisLogin(): pulumi.Output<string> {
    return pulumi.secret(
      pulumi.interpolate`masteruser replication\nmasterauth ${this.#password("replication")}\n`,
    );
  }

  /** How a Sentinel logs in to Redis and to the other Sentinels. */
  #sentinelLogin(): pulumi.Output<string> {
    const sentinel = this.#password("sentinel");
    const lines = [
      pulumi.interpolate`sentinel auth-user ${MASTER_NAME} sentinel`,
      pulumi.interpolate`sentinel auth-pass ${MASTER_NAME} ${sentinel}`,
      pulumi.interpolate`sentinel sentinel-user sentinel`,
      pulumi.interpolate`sentinel sentinel-pass ${sentinel}`,
    ];
    return pulumi.secret(pulumi.all(lines).apply((all) => `${all.join("\n")}\n`));
  }

  #loginSecret(secretName: string, key: string, text: pulumi.Output<string> | undefined): string | undefined {
    if (text === undefined) return undefined;
    this.#secret(secretName, { [key]: text });
    return secretName;
  }

  #accountSecret(account: AccountName): string {
    const route = accountRoute(account, stackEndpoints(this.#args.config));
    const discovery = this.passwords.get("discovery") ?? pulumi.output<string | undefined>(undefined);
    const entries = pulumi
      .all([this.#password(account), discovery])
      .apply(([password, discoveryPassword]) =>
        bindingEntries(account, route, { password, discoveryPassword }),
      );
    const secretName = accountSecretName(account);
    this.#secret(secretName, entries, "servicebinding.io/redis");
    return secretName;
  }
}
