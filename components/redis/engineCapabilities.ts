/**
 * What a server program can do, by name, version and who compiled it. Some directives end the start when the
 * program does not know them, so redis.conf is rendered by these answers and by nothing else.
 */

/** A server program. */
export interface Engine {
  readonly name: "redis" | "valkey";
  /** "major.minor.patch" */
  readonly version: string;
  readonly distribution: "official" | "debian";
}

/** What an engine can do. */
export interface EngineCapabilities {
  /** Compiled with the allocator hooks that active defragmentation needs; without them `activedefrag yes` is fatal. */
  readonly activeDefrag: boolean;
  /** Has a compact encoding for sets that hold more than integers. */
  readonly setListpack: boolean;
  /** Version of the RDB format it writes; it reads this and older ones of its own line. */
  readonly rdbVersion: number;
  /** Which engines share that format: Redis went its own way with 7.4, Valkey with 9. */
  readonly rdbLine: "common" | "redis" | "valkey";
}

interface Release {
  readonly from: readonly [major: number, minor: number];
  readonly rdbVersion: number;
  readonly rdbLine: EngineCapabilities["rdbLine"];
}

/** First minor version of each RDB format, oldest first. The first one is the oldest version supported at all. */
const RELEASES: Readonly<Record<Engine["name"], readonly [Release, ...Release[]]>> = {
  redis: [
    { from: [7, 0], rdbVersion: 10, rdbLine: "common" },
    { from: [7, 2], rdbVersion: 11, rdbLine: "common" },
    { from: [7, 4], rdbVersion: 12, rdbLine: "redis" },
    { from: [8, 6], rdbVersion: 13, rdbLine: "redis" },
    { from: [8, 8], rdbVersion: 14, rdbLine: "redis" },
  ],
  valkey: [
    { from: [7, 2], rdbVersion: 11, rdbLine: "common" },
    { from: [9, 0], rdbVersion: 80, rdbLine: "valkey" },
  ],
};

type Version = readonly [major: number, minor: number];

function versionOf(engine: Engine): Version {
  const [major = 0, minor = 0] = engine.version.split(".").map(Number);
  return [major, minor];
}

function atLeast(version: Version, other: Version): boolean {
  return version[0] > other[0] || (version[0] === other[0] && version[1] >= other[1]);
}

/** The oldest version of a program that this project supports, as "major.minor". */
export function oldestSupported(name: Engine["name"]): string {
  return RELEASES[name][0].from.join(".");
}

/** True when the engine is recent enough; older ones lack ACL and configuration features that everything rests on. */
export function isSupported(engine: Engine): boolean {
  return atLeast(versionOf(engine), RELEASES[engine.name][0].from);
}

/**
 * What the engine can do.
 * @throws RangeError when the version is older than the oldest supported one
 */
export function engineCapabilities(engine: Engine): EngineCapabilities {
  const version = versionOf(engine);
  const release = RELEASES[engine.name].findLast(({ from }) => atLeast(version, from));
  if (release === undefined) {
    throw new RangeError(
      `${engine.name} ${engine.version} is not supported: the oldest supported version is ${oldestSupported(engine.name)}`,
    );
  }
  return {
    activeDefrag: engine.distribution === "official",
    setListpack: atLeast(version, [7, 2]),
    rdbVersion: release.rdbVersion,
    rdbLine: release.rdbLine,
  };
}

/**
 * True when `to` can load a dump or replication stream of `from`: the same line or the common one, and no newer format.
 * @throws RangeError when one of the two is not supported
 */
export function canReadDataOf(from: Engine, to: Engine): boolean {
  const [written, reader] = [engineCapabilities(from), engineCapabilities(to)];
  return (
    (written.rdbLine === "common" || written.rdbLine === reader.rdbLine) &&
    reader.rdbVersion >= written.rdbVersion
  );
}
