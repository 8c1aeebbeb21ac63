import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where the tests look for a program, in this order. */
interface Lookup {
  /** Environment variable with the path of the program itself or of a directory that holds it. */
  readonly variable: string;
  /** File names that count, since builds name some programs differently. */
  readonly names: readonly string[];
}

/**
 * Finds a program that the engine tests need. They test nothing without it, so that its absence is a failure
 * and not a skipped test.
 */
export function findProgram({ variable, names }: Lookup): string {
  const set = process.env[variable];
  const places = set === undefined ? (process.env.PATH ?? "").split(delimiter) : [set];
  for (const place of places.filter((path) => path !== "")) {
    for (const candidate of [place, ...names.map((name) => join(place, name))]) {
      if (names.some((name) => candidate.endsWith(`/${name}`)) && isExecutable(candidate)) return candidate;
    }
  }
  throw new Error(
    `These tests need ${names.join(" or ")}: looked in ${places.join(", ")}. ` +
      `Run them through ./sessiondb test, or set ${variable} to the directory that holds it.`,
  );
}

/** The engine's command line. */
export function findPulumi(): string {
  return findProgram({ variable: "SESSIONDB_PULUMI", names: ["pulumi"] });
}

/** A part of the Kubernetes control plane. */
export function findTool(...names: readonly string[]): string {
  return findProgram({ variable: "SESSIONDB_TOOLS", names });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
