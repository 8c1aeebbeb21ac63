import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../support/errno.ts";
import { cgroupName } from "./configFiles.ts";
import type { NodeSettings } from "./settings.ts";

const ROOT = "/sys/fs/cgroup";

/** Whether the machine has the unified hierarchy (version 2) only. */
async function isUnified(): Promise<boolean> {
  return readFile(join(ROOT, "cgroup.controllers"), "utf8").then(
    () => true,
    () => false,
  );
}

/** Roots of all hierarchies: one per controller in version 1, the one tree in version 2. */
async function hierarchies(): Promise<string[]> {
  if (await isUnified()) return [ROOT];
  const entries = await readdir(ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(ROOT, entry.name));
}

/** Creates the control group below which the kubelet keeps its pods. */
export async function createCgroups(settings: NodeSettings): Promise<void> {
  const name = cgroupName(settings);
  if (await isUnified()) {
    const controllers = (await readFile(join(ROOT, "cgroup.controllers"), "utf8")).trim().split(" ");
    const enable = controllers.map((controller) => `+${controller}`).join(" ");
    await writeFile(join(ROOT, "cgroup.subtree_control"), enable);
    await mkdir(join(ROOT, name), { recursive: true });
    await writeFile(join(ROOT, name, "cgroup.subtree_control"), enable);
    return;
  }
  for (const hierarchy of await hierarchies()) {
    await mkdir(join(hierarchy, name), { recursive: true });
    if (hierarchy.endsWith("cpuset")) {
      // A new cpuset is empty in version 1 and takes no process until it has processors and memory.
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        await writeFile(join(hierarchy, name, file), await readFile(join(hierarchy, file), "utf8"));
      }
    }
  }
}

async function removeTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  try {
    await rmdir(directory);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** Removes the instance's control groups; every process in them must have ended. */
export async function removeCgroups(settings: NodeSettings): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, cgroupName(settings)));
}
