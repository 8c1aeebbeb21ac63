import { homedir } from "node:os";
import { join } from "node:path";

/** Where one embedded instance keeps things. Nothing of it lies inside the checkout. */
export interface LocalPaths {
  /** Name of the instance; two instances never share a folder, an address or a process. */
  readonly instance: string;
  /** Built tools and bundles, keyed by their pins; safe to delete at any time, shared by all instances. */
  readonly cache: string;
  /** Cluster state, volumes, Pulumi state and passphrase of this instance; `down --purge` removes it. */
  readonly state: string;
  /** Sockets and pid files of this instance; empty after `down` and after a reboot. */
  readonly run: string;
}

const INSTANCE_NAME = /^[a-z][a-z0-9-]{0,15}$/;

/**
 * Resolves the folders from the environment: `SESSIONDB_INSTANCE` (default `default`), `SESSIONDB_CACHE` and
 * `SESSIONDB_STATE`, else the XDG base directories.
 *
 * @throws Error when the instance name could not be a folder and an interface name.
 */
export function localPaths(env: NodeJS.ProcessEnv = process.env): LocalPaths {
  const instance = env.SESSIONDB_INSTANCE ?? "default";
  if (!INSTANCE_NAME.test(instance)) {
    throw new Error(
      `SESSIONDB_INSTANCE is "${instance}"; expected 1 to 16 lower-case letters, digits or dashes, starting with a letter. ` +
        "Unset it to use the instance named default.",
    );
  }
  const cacheHome = env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const stateHome = env.XDG_STATE_HOME ?? join(homedir(), ".local", "state");
  return {
    instance,
    cache: env.SESSIONDB_CACHE ?? join(cacheHome, "sessiondb"),
    state: join(env.SESSIONDB_STATE ?? join(stateHome, "sessiondb"), instance),
    run: join("/run/sessiondb", instance),
  };
}
