import { expect } from "chai";
import {
  canReadDataOf,
  engineCapabilities,
  isSupported,
  type Engine,
} from "../../../components/redis/engineCapabilities.ts";

const engine = (
  name: Engine["name"],
  version: string,
  distribution: Engine["distribution"] = "official",
): Engine => ({
  name,
  version,
  distribution,
});

describe("Engine capabilities", () => {
  it("knows no active defragmentation in Debian's build", () => {
    expect(engineCapabilities(engine("redis", "7.0.15", "debian")).activeDefrag).to.equal(false);
    expect(engineCapabilities(engine("redis", "7.0.15")).activeDefrag).to.equal(true);
  });

  it("knows compact sets from 7.2 on", () => {
    expect(engineCapabilities(engine("redis", "7.0.15")).setListpack).to.equal(false);
    expect(engineCapabilities(engine("redis", "7.2.0")).setListpack).to.equal(true);
    expect(engineCapabilities(engine("valkey", "8.0.1")).setListpack).to.equal(true);
  });

  for (const [name, version, rdbVersion] of [
    ["redis", "7.0.15", 10],
    ["redis", "7.2.4", 11],
    ["redis", "8.2.1", 12],
    ["redis", "8.10.0", 14],
    ["valkey", "8.1.3", 11],
    ["valkey", "9.0.0", 80],
  ] as const) {
    it(`knows that ${name} ${version} writes RDB version ${rdbVersion}`, () =>
      expect(engineCapabilities(engine(name, version)).rdbVersion).to.equal(rdbVersion));
  }

  it("refuses engines that are too old, saying which is the oldest", () => {
    expect(isSupported(engine("redis", "6.2.14"))).to.equal(false);
    expect(() => engineCapabilities(engine("valkey", "7.0.0"))).to.throw(
      RangeError,
      "the oldest supported version is 7.2",
    );
  });

  for (const [from, to, can] of [
    [engine("redis", "7.0.15"), engine("redis", "8.2.1"), true],
    [engine("redis", "8.2.1"), engine("redis", "7.0.15"), false],
    [engine("redis", "7.2.4"), engine("valkey", "8.1.3"), true],
    [engine("redis", "7.4.0"), engine("valkey", "9.0.0"), false],
    [engine("valkey", "8.1.3"), engine("redis", "8.2.1"), true],
    [engine("valkey", "9.0.0"), engine("redis", "8.8.0"), false],
  ] as const) {
    it(`says ${can ? "yes" : "no"} to data of ${from.name} ${from.version} in ${to.name} ${to.version}`, () =>
      expect(canReadDataOf(from, to)).to.equal(can));
  }
});
