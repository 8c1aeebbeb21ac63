import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { AppConfig } from "../../stacks/configSchema.ts";
import type { AccountName } from "../aclFile.ts";

const PASSWORD_LENGTH = 48;

/** What a stack knows of one account's passwords. Both are secret outputs. */
export interface AccountPasswords {
  /** The one that the account's Secret holds. */
  readonly active: pulumi.Output<string>;
  /** SHA-256 digests, in hex, of every password that the account accepts. */
  readonly hashes: pulumi.Output<string[]>;
}

/** Redis keeps passwords as SHA-256 digests in hex. */
export function passwordHash(password: string): string {
  return createHash("sha256").update(password, "utf8").digest("hex");
}

/**
 * The password in a Secret of the operator's own.
 *
 * @throws Error naming Secret and key when it has no usable password, or a user name other than the account's.
 */
export function passwordFromSecret(
  account: AccountName,
  secretName: string,
  data: Readonly<Record<string, string>> | undefined,
): string {
  const decode = (key: string): string | undefined => {
    const encoded = data?.[key];
    return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
  };
  const password = decode("password");
  if (password === undefined || password === "") {
    throw new Error(
      `Secret ${secretName}, given for account ${account}, has no key "password". Add it, or remove ${account} from ` +
        "sessiondb:credentials.existingSecrets to have one generated.",
    );
  }
  // Sentinel writes its own configuration back without quotes, so whatever would need them breaks its next start.
  if (!/^[!$-&(-[\]-~]+$/.test(password)) {
    throw new Error(
      `the password in Secret ${secretName}, given for account ${account}, holds white space, quotes, a backslash, # or ` +
        "characters beyond ASCII. Choose one of letters, digits and other punctuation.",
    );
  }
  const username = decode("username");
  if (username !== undefined && username !== account) {
    throw new Error(`Secret ${secretName} is for user "${username}", expected "${account}"`);
  }
  return password;
}

function generated(
  name: string,
  config: AppConfig,
  account: AccountName,
  parent: pulumi.Resource,
): AccountPasswords {
  const { activeSlot, acceptBothSlots } = config.credentials;
  // Letters and digits only: they need no quoting in an ACL file, a URL or a shell.
  const slot = (id: "a" | "b"): pulumi.Output<string> =>
    new random.RandomPassword(
      `${name}-${account}-${id}`,
      { length: PASSWORD_LENGTH, special: false },
      { parent },
    ).result;
  const slots = { a: slot("a"), b: slot("b") };
  const accepted = acceptBothSlots ? [slots.a, slots.b] : [slots[activeSlot]];
  return {
    active: pulumi.secret(slots[activeSlot]),
    hashes: pulumi.secret(pulumi.all(accepted).apply((passwords) => passwords.map(passwordHash))),
  };
}

function existing(
  name: string,
  config: AppConfig,
  account: AccountName,
  secretName: string,
  parent: pulumi.Resource,
): AccountPasswords {
  const found = k8s.core.v1.Secret.get(`${name}-${account}-existing`, `${config.namespace}/${secretName}`, {
    parent,
  });
  const active = pulumi.secret(found.data.apply((data) => passwordFromSecret(account, secretName, data)));
  return { active, hashes: pulumi.secret(active.apply((password) => [passwordHash(password)])) };
}

/** The passwords of an account: two generated slots, or the one in a Secret of the operator's own. */
export function accountPasswords(
  name: string,
  config: AppConfig,
  account: AccountName,
  parent: pulumi.Resource,
): AccountPasswords {
  const secretName = config.credentials.existingSecrets[account];
  return secretName === undefined
    ? generated(name, config, account, parent)
    : existing(name, config, account, secretName, parent);
}
