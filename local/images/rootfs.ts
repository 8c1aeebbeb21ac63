import { chmod, copyFile, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** Libraries a program needs, as `ldd` prints them: `NAME => /path (0x…)` and the loader's bare path. */
export function parseLdd(output: string): string[] {
  const paths = new Set<string>();
  for (const line of output.split("\n")) {
    const match = /(?:=>\s*)?(\/[^\s]+)\s+\(0x/.exec(line);
    if (match?.[1] !== undefined) paths.add(match[1]);
  }
  return [...paths];
}

async function copyInto(root: string, source: string, target: string): Promise<void> {
  const destination = join(root, target);
  await mkdir(dirname(destination), { recursive: true });
  await copyFile(await realpath(source), destination);
  await chmod(destination, 0o755);
}

/** A program of the machine to put into an image, and where. */
export interface ImageProgram {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes a minimal root file system from programs of this machine: each program, the libraries it is linked
 * to, a shell (busybox) with the given applets, and the accounts of the official Redis image.
 */
export async function assembleRootfs(
  root: string,
  programs: readonly ImageProgram[],
  applets: readonly string[],
): Promise<void> {
  for (const directory of ["tmp", "etc", "data", "run", "proc", "sys", "dev", "usr/bin", "usr/lib"]) {
    await mkdir(join(root, directory), { recursive: true });
  }
  await chmod(join(root, "tmp"), 0o1777);
  // Debian's merged layout: libraries are asked for as /lib/… and /lib64/….
  for (const name of ["lib", "lib64", "bin", "sbin"])
    await symlink(name.startsWith("lib") ? `usr/lib` : "usr/bin", join(root, name));
  for (const program of programs) {
    await copyInto(root, program.source, program.target);
    const linked = await execa("ldd", [program.source], { reject: false });
    for (const library of parseLdd(linked.stdout))
      await copyInto(root, library, library.replace(/^\/lib64\//, "/lib/"));
  }
  if (applets.length > 0) {
    await copyInto(root, "/usr/bin/busybox", "usr/bin/busybox");
    for (const applet of applets) await symlink("busybox", join(root, "usr/bin", applet));
  }
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/:/bin/sh\nredis:x:999:999:redis:/data:/bin/sh\n",
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nredis:x:999:\n");
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}
