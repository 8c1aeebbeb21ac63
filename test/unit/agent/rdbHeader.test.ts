import { expect } from "chai";
import { readRdbHistory } from "../../../workers/agent/rdbHeader.ts";

const ID = "0123456789abcdef0123456789abcdef01234567";

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

function dump(...fields: Buffer[]): Buffer {
  const aux = fields.map((field, at) => (at % 2 === 0 ? Buffer.concat([Buffer.from([0xfa]), field]) : field));
  return Buffer.concat([Buffer.from("REDIS0010"), ...aux, Buffer.from([0xfe, 0])]);
}

describe("the header of a dump", () => {
  it("tells stream and offset, in text or as an integer of any width", () => {
    const at = (offset: Buffer): Buffer =>
      dump(text("redis-ver"), text("7.0.15"), text("repl-id"), text(ID), text("repl-offset"), offset);
    expect(readRdbHistory(at(text("98765432100")))).to.deep.equal({ replicationId: ID, offset: 98765432100 });
    expect(readRdbHistory(at(Buffer.from([0xc0, 7])))).to.deep.include({ offset: 7 });
    expect(readRdbHistory(at(Buffer.from([0xc1, 0x00, 0x01])))).to.deep.include({ offset: 256 });
    expect(readRdbHistory(at(Buffer.from([0xc2, 0, 0, 1, 0])))).to.deep.include({ offset: 65536 });
  });

  it("tells nothing of a dump without a stream, of other files, or of a torn one", () => {
    const whole = dump(text("repl-id"), text(ID), text("repl-offset"), text("5"));
    expect(readRdbHistory(dump(text("redis-ver"), text("7.0.15")))).to.equal(null);
    expect(readRdbHistory(Buffer.from("not a dump at all"))).to.equal(null);
    for (let length = 0; length < whole.length - 3; length += 1) {
      expect(readRdbHistory(whole.subarray(0, length)), `cut to ${length} bytes`).to.equal(null);
    }
  });
});
