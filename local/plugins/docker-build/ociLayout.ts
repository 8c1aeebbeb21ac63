import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject, listAt, parseObject, stringAt } from "../rpc/json.ts";
import type { JsonObject } from "../rpc/json.ts";
import { BuildError } from "./buildError.ts";
import type { OciLayout } from "./namedContexts.ts";

const REF_NAME = "org.opencontainers.image.ref.name";

/** Digest of the image that a location means: the one it names, the tagged one, or the only one. */
export async function layoutDigest(layout: OciLayout): Promise<string> {
  if (layout.digest !== undefined) return layout.digest;
  const path = join(layout.path, "index.json");
  let index: JsonObject;
  try {
    index = parseObject(await readFile(path, "utf8"), path);
  } catch (error) {
    throw new BuildError(
      `Cannot read the image layout ${layout.path}; expected a directory with an index.json.`,
      {
        cause: error,
      },
    );
  }
  return pickManifest(index, layout);
}

/** Picks a layout's image from its parsed index. */
export function pickManifest(index: JsonObject, { path, tag }: OciLayout): string {
  const manifests = listAt(index, "manifests").filter(isObject);
  const names = manifests.map((manifest) => stringAt(manifest, "annotations", REF_NAME));
  const fitting =
    tag === undefined
      ? manifests
      : manifests.filter((_, at) => names[at] === tag || names[at]?.endsWith(`:${tag}`));
  const digest = stringAt(fitting[0], "digest");
  if (digest !== undefined && fitting.length === 1) return digest;
  const has = names.map((name) => name ?? "(untagged)").join(", ") || "none";
  throw new BuildError(
    `The image layout ${path} has ${fitting.length} images${tag === undefined ? "" : ` tagged "${tag}"`}, expected one. ` +
      `It holds: ${has}. Name one as oci-layout://${path}:TAG or oci-layout://${path}@sha256:DIGEST.`,
  );
}
