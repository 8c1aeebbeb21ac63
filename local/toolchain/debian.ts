import { constants, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { isAccessible } from "../support/accessible.ts";
import type { Reporter } from "../support/report.ts";

/** A program that the embedded default takes from the machine, and the Debian package that carries it. */
interface Requirement {
  readonly path: string;
  readonly debianPackage: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  { path: "/usr/bin/containerd", debianPackage: "containerd" },
  { path: "/usr/sbin/runc", debianPackage: "runc" },
  { path: "/usr/lib/cni/ptp", debianPackage: "containernetworking-plugins" },
  { path: "/usr/sbin/iptables", debianPackage: "iptables" },
  { path: "/usr/sbin/conntrack", debianPackage: "conntrack" },
  { path: "/usr/bin/socat", debianPackage: "socat" },
  { path: "/usr/bin/redis-server", debianPackage: "redis-server" },
  { path: "/usr/bin/redis-cli", debianPackage: "redis-tools" },
  { path: "/usr/bin/busybox", debianPackage: "busybox-static" },
  { path: "/usr/bin/tini", debianPackage: "tini" },
  { path: "/usr/bin/openssl", debianPackage: "openssl" },
];

const POLICY = "/usr/sbin/policy-rc.d";

async function missingPackages(): Promise<string[]> {
  const checks = await Promise.all(
    REQUIREMENTS.map(async ({ path, debianPackage }) =>
      (await isAccessible(path, constants.X_OK)) ? undefined : debianPackage,
    ),
  );
  return checks.filter((name) => name !== undefined);
}

/** Runs `work` while Debian's own switch keeps newly installed services (redis-server, containerd) from starting. */
async function withoutServiceStarts<T>(work: () => Promise<T>): Promise<T> {
  const placed = await writeFile(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  try {
    return await work();
  } finally {
    if (placed) await rm(POLICY, { force: true });
  }
}

/**
 * Installs the Debian packages that are missing; does nothing when every program is there.
 *
 * @throws Error on a machine without apt, naming what to install by hand.
 */
export async function ensureDebianPackages(reporter: Reporter): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const apt = await execa("apt-get", ["--version"], { reject: false });
  if (apt.failed) {
    throw new Error(
      `this machine has no apt-get and lacks ${missing.join(", ")}. Install them with its own package manager, ` +
        "or use a cluster of your own: sessiondb up dev --context NAME.",
    );
  }
  await reporter.phase(`install ${missing.join(" ")}`, () =>
    withoutServiceStarts(async () => {
      const options = {
        env: { DEBIAN_FRONTEND: "noninteractive" },
        stdin: "ignore",
        all: true,
      } as const;
      const wait = ["-o", "DPkg::Lock::Timeout=600", "-qq"];
      await execa("apt-get", [...wait, "update"], options);
      await execa("apt-get", [...wait, "install", "--yes", "--no-install-recommends", ...missing], options);
    }),
  );
  const still = await missingPackages();
  if (still.length > 0) throw new Error(`apt-get installed ${missing.join(", ")}, yet ${still.join(", ")} is not usable`);
}
