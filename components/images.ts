/** Image references: taking them apart, and which of them must carry a digest. Pure. */

/** A container image reference in its parts. */
export interface ImageReference {
  /** Registry host, with port if any; `docker.io` when the reference names none. */
  readonly registry: string;
  /** Path in the registry; `library/redis` for a bare `redis`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string;
}

/** Registries that anyone may push to or whose tags move: their references are pinned. */
const PUBLIC_REGISTRIES: ReadonlySet<string> = new Set([
  "docker.io",
  "ghcr.io",
  "quay.io",
  "gcr.io",
  "registry.k8s.io",
  "public.ecr.aws",
  "mcr.microsoft.com",
  "registry.gitlab.com",
]);

const REFERENCE =
  /^(?<name>[a-z0-9][\w.-]*(?::\d+)?(?:\/[a-z0-9][\w.-]*)*?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/**
 * Takes a reference apart the way container runtimes do: the first part is a registry only when it holds a dot or a port
 * or is `localhost`.
 * @throws RangeError when the text is no image reference
 */
export function parseImageReference(text: string): ImageReference {
  const groups = REFERENCE.exec(text)?.groups;
  if (groups?.name === undefined) {
    throw new RangeError(
      `not an image reference: "${text}"; expected [host[:port]/]repository[:tag][@sha256:digest]`,
    );
  }
  const [first = "", ...rest] = groups.name.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const registry = hasRegistry ? first : "docker.io";
  const path = hasRegistry ? rest.join("/") : groups.name;
  return {
    registry,
    repository: registry === "docker.io" && !path.includes("/") ? `library/${path}` : path,
    ...(groups.tag === undefined ? {} : { tag: groups.tag }),
    ...(groups.digest === undefined ? {} : { digest: groups.digest }),
  };
}

/** True for a public registry's image without a digest: what runs could change without a change here. */
export function isUnpinnedPublicImage(text: string): boolean {
  const { registry, digest } = parseImageReference(text);
  return digest === undefined && PUBLIC_REGISTRIES.has(registry);
}

/** The version that a tag such as `8.2.1-bookworm` or `v7.2` begins with, in as many numbers as it has; none for others. */
export function versionInTag(reference: ImageReference): readonly number[] | undefined {
  const match = /^v?(\d+(?:\.\d+){0,2})(?![\w.])/.exec(reference.tag ?? "");
  return match?.[1]?.split(".").map(Number);
}
