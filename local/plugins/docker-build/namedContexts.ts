/** What a named context's location points to. */
export type ContextKind =
  | { readonly kind: "directory"; readonly path: string }
  | OciLayout
  /** Something BuildKit fetches itself: `docker-image://`, `https://`, a Git address. */
  | { readonly kind: "remote"; readonly reference: string };

/** An image stored as a directory in OCI layout; tag and digest pick one of several. */
export interface OciLayout {
  readonly kind: "oci-layout";
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const LAYOUT_SCHEME = "oci-layout://";
const REMOTE = /^([a-z][a-z0-9+.-]*:\/\/|git@)/;

/** Parses a named context's location. */
export function contextKind(location: string): ContextKind {
  if (location.startsWith(LAYOUT_SCHEME)) return ociLayout(location.slice(LAYOUT_SCHEME.length));
  if (REMOTE.test(location)) return { kind: "remote", reference: location };
  return { kind: "directory", path: location };
}

function ociLayout(rest: string): OciLayout {
  const [beforeDigest = "", digest] = rest.split("@", 2);
  const match = /^(?<path>.*?)(:(?<tag>[^:/]+))?$/.exec(beforeDigest);
  const tag = match?.groups?.tag;
  return {
    kind: "oci-layout",
    path: match?.groups?.path ?? beforeDigest,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
