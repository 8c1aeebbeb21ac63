import { expect } from "chai";
import {
  deriveMaxmemory,
  formatKubernetesQuantity,
  formatRedisSize,
  limitForMaxmemory,
  MEBIBYTE,
  parseKubernetesQuantity,
  parseRedisSize,
  replicaBufferLimit,
} from "../../../components/redis/memory.ts";
import fc from "fast-check";

const DUTIES = [
  { forks: false, feedsReplicas: false },
  { forks: true, feedsReplicas: false },
  { forks: true, feedsReplicas: true },
] as const;

describe("Memory figures", () => {
  for (const [text, bytes] of [
    ["512Mi", 512 * MEBIBYTE],
    ["1.5Gi", 1536 * MEBIBYTE],
    ["1G", 1e9],
    ["10k", 10_000],
    ["123", 123],
  ] as const) {
    it(`reads the quantity ${text}`, () => expect(parseKubernetesQuantity(text)).to.equal(bytes));
  }

  for (const [text, bytes] of [
    ["256mb", 256 * MEBIBYTE],
    ["256MB", 256 * MEBIBYTE],
    ["1m", 1e6],
    ["1gb", 1024 * MEBIBYTE],
    ["77", 77],
  ] as const) {
    it(`reads the Redis size ${text}`, () => expect(parseRedisSize(text)).to.equal(bytes));
  }

  for (const bad of ["", "Mi", "-1Mi", "1 Gi", "1gib", "1e3", "NaN"]) {
    it(`reads "${bad}" as neither`, () => {
      expect(() => parseKubernetesQuantity(bad)).to.throw(RangeError);
      expect(() => parseRedisSize(bad)).to.throw(RangeError);
    });
  }

  it("writes both spellings so that reading gives the same bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (bytes) => {
        expect(parseKubernetesQuantity(formatKubernetesQuantity(bytes))).to.equal(bytes);
        expect(parseRedisSize(formatRedisSize(bytes))).to.equal(bytes);
      }),
    );
    expect(formatKubernetesQuantity(512 * MEBIBYTE)).to.equal("512Mi");
    expect(formatRedisSize(1536 * MEBIBYTE)).to.equal("1536mb");
  });

  it("leaves more of the limit free the more an instance does", () => {
    const shares = DUTIES.map((duties) => deriveMaxmemory(1024 * MEBIBYTE, duties) / MEBIBYTE);
    expect(shares).to.deep.equal([780, 697, 650]);
  });

  it("gives nothing to a container that does not even hold the process", () => {
    expect(deriveMaxmemory(40 * MEBIBYTE, DUTIES[0])).to.equal(0);
  });

  it("finds a limit that holds a given maxmemory, and none much larger", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 * 1024 }), fc.constantFrom(...DUTIES), (mebibytes, duties) => {
        const limit = limitForMaxmemory(mebibytes * MEBIBYTE, duties);
        expect(deriveMaxmemory(limit, duties)).to.be.at.least(mebibytes * MEBIBYTE);
        expect(deriveMaxmemory(limit - MEBIBYTE, duties)).to.be.below(mebibytes * MEBIBYTE + MEBIBYTE);
      }),
    );
  });

  it("cuts off a slow replica within what was reserved for it", () => {
    expect(replicaBufferLimit(1536 * MEBIBYTE)).to.equal(153 * MEBIBYTE);
    expect(replicaBufferLimit(64 * MEBIBYTE)).to.equal(32 * MEBIBYTE);
  });
});
