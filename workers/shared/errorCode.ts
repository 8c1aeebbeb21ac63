/** The `code` of a system error, for example ENOENT; undefined for anything else. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
