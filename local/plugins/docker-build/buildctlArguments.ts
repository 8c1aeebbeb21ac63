import { basename, dirname } from "node:path";
import type { Builder } from "./builder.ts";
import { dockerfilePath } from "./contextHash.ts";
import type { ImageInputs } from "./imageInputs.ts";
import { familiarName, fullReference, repositoryOf } from "./imageReference.ts";
import { contextKind } from "./namedContexts.ts";

/** Files and facts that a build needs beside its inputs. */
export interface BuildFiles {
  /** Where BuildKit writes what it made. */
  readonly metadataFile: string;
  /** The inline Dockerfile's file, when there is one. */
  readonly inlineDockerfile?: string;
  /** Files with build secrets by id: their contents stay off the command line. */
  readonly secretFiles: readonly (readonly [string, string])[];
  /** Digest by named context, for those that are image layouts. */
  readonly layoutDigests: ReadonlyMap<string, string>;
}

/** The command line of one build. It never holds a credential: those travel in files. */
export function buildctlArguments(builder: Builder, inputs: ImageInputs, files: BuildFiles): string[] {
  const dockerfile = files.inlineDockerfile ?? dockerfilePath(inputs);
  const option = (name: string, value: string) => ["--opt", `${name}=${value}`];
  return [
    "--addr",
    builder.address,
    "build",
    "--progress=plain",
    "--frontend=dockerfile.v0",
    ...["--local", `context=${inputs.contextLocation}`],
    ...["--local", `dockerfile=${dirname(dockerfile)}`],
    ...option("filename", basename(dockerfile)),
    ...(inputs.target === undefined ? [] : option("target", inputs.target)),
    ...(inputs.platforms.length === 0 ? [] : option("platform", inputs.platforms.join(","))),
    ...inputs.buildArgs.flatMap(([name, value]) => option(`build-arg:${name}`, value)),
    ...inputs.labels.flatMap(([name, value]) => option(`label:${name}`, value)),
    ...(inputs.pull ? option("image-resolve-mode", "pull") : []),
    ...(inputs.noCache ? ["--no-cache"] : []),
    ...inputs.namedContexts.flatMap(([name, location], index) =>
      namedContext(name, location, `named${index}`, files.layoutDigests.get(name)),
    ),
    ...files.secretFiles.flatMap(([id, path]) => ["--secret", `id=${id},src=${path}`]),
    ...inputs.cacheFrom.flatMap((cache) => ["--import-cache", cache]),
    ...inputs.cacheTo.flatMap((cache) => ["--export-cache", cache]),
    ...output(inputs),
    `--metadata-file=${files.metadataFile}`,
  ];
}

function namedContext(name: string, location: string, id: string, digest: string | undefined): string[] {
  const context = contextKind(location);
  const value = `context:${familiarName(name)}`;
  switch (context.kind) {
    case "directory":
      return ["--local", `${id}=${context.path}`, "--opt", `${value}=local:${id}`];
    case "oci-layout":
      return [
        "--oci-layout",
        `${id}=${context.path}`,
        "--opt",
        `${value}=oci-layout://${id}@${digest ?? ""}`,
      ];
    case "remote":
      return ["--opt", `${value}=${context.reference}`];
  }
}

function output({ destination, tags }: ImageInputs): string[] {
  if (destination === "nowhere") return [];
  const names = tags.map(fullReference).join(",");
  if (destination === "registry") return ["--output", `type=image,"name=${names}",push=true`];
  // The second name is the one that a pod's `repository@digest` is looked up under.
  const repository = repositoryOf(tags[0] ?? "");
  return ["--output", `type=image,"name=${names}",dangling-name-prefix=${repository}`];
}
