import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Name and password of a Redis account. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Reads credentials anew for each connection, so that a rotated password is used from then on. */
export type CredentialSource = () => Promise<Credentials>;

/** Accounts that the agent uses, each mounted as a directory of files. */
export type AgentAccount = "monitor" | "admin";

/** Credentials of an account below the accounts directory. */
export function accountFrom(directory: string, account: AgentAccount): CredentialSource {
  return async () => {
    const [username, password] = await Promise.all(
      ["username", "password"].map((file) => readFile(join(directory, account, file), "utf8")),
    );
    return { username: (username ?? "").trim(), password: (password ?? "").trim() };
  };
}
