import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isObject, objectAt, parseObject } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import type { RegistryLogin } from "./imageInputs.ts";

/** Key under which clients look for Docker Hub's credentials. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const DOCKER_HUB_NAMES: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "",
]);

/** The registry's key in a Docker configuration: its host, without scheme and path. */
export function authKey(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return DOCKER_HUB_NAMES.has(host) ? DOCKER_HUB_KEY : host;
}

/**
 * A Docker configuration with the given logins on top of the operator's own ones.
 *
 * @param base the operator's configuration; its credential store would hide the logins and is left out
 */
export function dockerConfig(base: JsonObject, logins: readonly RegistryLogin[]): JsonObject {
  const auths: JsonObject = { ...objectAt(base, "auths") };
  const credHelpers: JsonObject = { ...objectAt(base, "credHelpers") };
  for (const { address, username, password } of logins) {
    const key = authKey(address);
    auths[key] = { auth: Buffer.from(`${username}:${password}`).toString("base64") };
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy made just above, keyed by host
    delete credHelpers[key];
  }
  return { auths, credHelpers };
}

/** The operator's Docker configuration; an absent or broken one is empty. */
export async function operatorDockerConfig(env: NodeJS.ProcessEnv): Promise<JsonObject> {
  const directory = env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), ".docker");
  try {
    const config = parseObject(
      await readFile(join(directory, "config.json"), "utf8"),
      "Docker configuration",
    );
    return isObject(config) ? config : {};
  } catch {
    return {};
  }
}
