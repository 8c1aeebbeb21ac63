import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { allocateSlot, usedSlots } from "../../../local/node/slot.ts";
import { localPaths } from "../../../local/support/paths.ts";

function address(
  value: string,
): ReturnType<typeof usedSlots> extends Set<number> ? Parameters<typeof usedSlots>[0] : never {
  return {
    veth: [
      { address: value, netmask: "255.255.255.252", family: "IPv4", mac: "", internal: false, cidr: null },
    ],
  };
}

describe("the link network of an instance", () => {
  it("counts as used when an interface has an address in it", () => {
    expect([...usedSlots(address("10.213.7.1"))]).to.deep.equal([7]);
  });

  it("is not confused by addresses of other networks", () => {
    expect([...usedSlots(address("10.21.3.1"))]).to.deep.equal([]);
  });

  it("stays the same from one start to the next", async () => {
    const state = await mkdtemp(join(tmpdir(), "slot-"));
    try {
      const paths = localPaths({ SESSIONDB_STATE: state, SESSIONDB_INSTANCE: "kept" });
      const first = await allocateSlot(paths);
      expect(await allocateSlot(paths)).to.equal(first);
    } finally {
      await rm(state, { recursive: true });
    }
  });
});
