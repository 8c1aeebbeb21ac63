import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "./buildError.ts";
import { contextKind } from "./namedContexts.ts";
import type { ImageInputs } from "./imageInputs.ts";
import { layoutDigest } from "./ociLayout.ts";

/**
 * A hash over everything that a build reads from this machine: the context directory, the Dockerfile, and named
 * contexts that are directories or image layouts. Ignored files count too, which at worst builds once too often.
 */
export async function contextHash(inputs: ImageInputs): Promise<string> {
  const hash = createHash("sha256");
  await hashDirectory(hash, inputs.contextLocation);
  hash.update("\0dockerfile\0").update(inputs.dockerfileInline ?? (await readDockerfile(inputs)));
  for (const [name, location] of inputs.namedContexts) {
    hash.update(`\0context\0${name}\0`);
    const context = contextKind(location);
    if (context.kind === "directory") await hashDirectory(hash, context.path);
    else if (context.kind === "oci-layout") hash.update(await layoutDigest(context));
    else hash.update(context.reference);
  }
  return hash.digest("hex");
}

/** Path of the Dockerfile, which lies in the context directory unless the program says otherwise. */
export function dockerfilePath(inputs: ImageInputs): string {
  return inputs.dockerfileLocation ?? join(inputs.contextLocation, "Dockerfile");
}

async function readDockerfile(inputs: ImageInputs): Promise<Buffer> {
  const path = dockerfilePath(inputs);
  try {
    return await readFile(path);
  } catch (error) {
    throw new BuildError(
      `Cannot read the Dockerfile ${path}; expected a file. Set the image's dockerfile.location or dockerfile.inline.`,
      { cause: error },
    );
  }
}

async function hashDirectory(hash: Hash, root: string): Promise<void> {
  try {
    await hashEntries(hash, root, "");
  } catch (error) {
    throw new BuildError(`Cannot read the build context ${root}; expected a readable directory.`, {
      cause: error,
    });
  }
}

async function hashEntries(hash: Hash, directory: string, prefix: string): Promise<void> {
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const stats = await lstat(path);
    hash.update(`\0${prefix}${name}\0${(stats.mode & 0o777).toString(8)}\0`);
    if (stats.isDirectory()) await hashEntries(hash, path, `${prefix}${name}/`);
    else if (stats.isSymbolicLink()) hash.update(await readlink(path));
    else if (stats.isFile()) hash.update(await readFile(path));
  }
}
