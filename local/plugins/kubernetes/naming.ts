import { randomBytes } from "node:crypto";
import { UNKNOWN } from "../rpc/envelopes.ts";
import { annotation, AUTONAMED_ANNOTATION } from "./objects.ts";
import { objectAt, stringAt } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";
import type { Autonaming, CheckFailure } from "../rpc/plugin.ts";

/** Bytes of the engine's seed that end up in a made-up name. */
const SUFFIX_BYTES = 4;

/** What a name is made from. */
export interface NamingInput {
  /** Name of the resource in the program. */
  readonly resourceName: string;
  readonly randomSeed: Uint8Array;
  readonly autonaming?: Autonaming;
}

/** Metadata with a name, or the reason why there is none. */
export interface NamingResult {
  readonly metadata: JsonObject;
  readonly failures: readonly CheckFailure[];
}

/**
 * Gives an object a name where the program gave none: the old one if the plugin made that up too, else the
 * resource's name with a suffix from the engine's seed, so that a replacement can exist beside the original.
 *
 * @param old the object as last recorded, plain
 * @param metadata the new metadata without its own secret envelope
 */
export function withName(metadata: JsonObject, old: JsonObject, naming: NamingInput): NamingResult {
  if (metadata.generateName !== undefined) {
    const reason =
      "is not possible with server-side apply; leave the name out to get a generated one, or set metadata.name";
    return { metadata, failures: [{ property: "metadata.generateName", reason }] };
  }
  if (metadata.name !== undefined && metadata.name !== "") return { metadata, failures: [] };
  const kept =
    annotation(old, AUTONAMED_ANNOTATION) === "true" ? stringAt(old, "metadata", "name") : undefined;
  if (kept === undefined && naming.autonaming?.mode === "disabled") {
    const reason = "is missing, and automatic naming is switched off for this stack; set it";
    return { metadata, failures: [{ property: "metadata.name", reason }] };
  }
  const annotations = metadata.annotations;
  // Unknown annotations cannot be added to; the step that knows them passes here again.
  const marked: JsonValue =
    annotations === UNKNOWN
      ? UNKNOWN
      : { ...objectAt(metadata, "annotations"), [AUTONAMED_ANNOTATION]: "true" };
  return { metadata: { ...metadata, name: kept ?? freshName(naming), annotations: marked }, failures: [] };
}

function freshName({ resourceName, randomSeed, autonaming }: NamingInput): string {
  if (autonaming?.proposedName !== undefined && autonaming.proposedName !== "")
    return autonaming.proposedName;
  // Engines too old to send a seed get one drawn here, at the price of another name on each try.
  const seed = randomSeed.length >= SUFFIX_BYTES ? randomSeed : randomBytes(SUFFIX_BYTES);
  return `${resourceName}-${Buffer.from(seed.subarray(0, SUFFIX_BYTES)).toString("hex")}`;
}
