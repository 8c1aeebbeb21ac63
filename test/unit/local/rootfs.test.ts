import { expect } from "chai";
import { parseLdd } from "../../../local/images/rootfs.ts";

describe("parseLdd", () => {
  it("finds libraries and the loader, and skips what has no file", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007ffd)",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f01)",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f01)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f02)",
    ].join("\n");
    expect(parseLdd(output)).to.deep.equal([
      "/lib/x86_64-linux-gnu/libm.so.6",
      "/lib64/ld-linux-x86-64.so.2",
    ]);
  });

  it("finds nothing in the answer for a static program", () => {
    expect(parseLdd("\tnot a dynamic executable")).to.deep.equal([]);
  });
});
