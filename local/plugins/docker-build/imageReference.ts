const DEFAULT_REGISTRY = "docker.io";

/** An image name without its tag and digest, the way a reference without shorthands writes it. */
export function repositoryOf(reference: string): string {
  return withoutTag(withRegistry(reference.split("@", 1)[0] ?? reference));
}

/**
 * The full form of a tag: with registry, namespace and tag. The container runtime stores images under exactly
 * the name it is given, and looks them up under the full form.
 */
export function fullReference(tag: string): string {
  const full = withRegistry(tag);
  return withoutTag(full) === full && !full.includes("@") ? `${full}:latest` : full;
}

/**
 * The short form, in which BuildKit's Dockerfile frontend looks up named contexts: Docker Hub's registry and
 * namespace left out, `:latest` too. Names that are no image references stay as they are.
 */
export function familiarName(name: string): string {
  return name
    .replace(/^(index\.)?docker\.io\//, "")
    .replace(/^library\//, "")
    .replace(/:latest$/, "");
}

/** Host of the registry that a reference lives in. */
export function registryOf(reference: string): string {
  return withRegistry(reference).split("/", 1)[0] ?? DEFAULT_REGISTRY;
}

function withRegistry(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const isHost = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  if (isHost) return reference.replace(/^index\.docker\.io\//, "docker.io/");
  return `${DEFAULT_REGISTRY}/${rest.length > 0 ? "" : "library/"}${reference}`;
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^:/]*$/, "");
}
