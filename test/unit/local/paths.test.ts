import { expect } from "chai";
import { localPaths } from "../../../local/support/paths.ts";

describe("local paths", () => {
  it("follow the XDG base directories, outside the checkout", () => {
    const paths = localPaths({ XDG_CACHE_HOME: "/c", XDG_STATE_HOME: "/s" });
    expect(paths).to.deep.equal({
      instance: "default",
      cache: "/c/sessiondb",
      state: "/s/sessiondb/default",
      run: "/run/sessiondb/default",
    });
  });

  it("keep two instances apart in everything but the cache", () => {
    const one = localPaths({ SESSIONDB_INSTANCE: "one", SESSIONDB_CACHE: "/c", SESSIONDB_STATE: "/s" });
    const two = localPaths({ SESSIONDB_INSTANCE: "two", SESSIONDB_CACHE: "/c", SESSIONDB_STATE: "/s" });
    expect(one.cache).to.equal(two.cache);
    expect(one.state).not.to.equal(two.state);
    expect(one.run).not.to.equal(two.run);
  });

  for (const name of ["", "Upper", "../up", "a/b", "1st", "a".repeat(17)]) {
    it(`refuse the instance name ${JSON.stringify(name)}`, () => {
      expect(() => localPaths({ SESSIONDB_INSTANCE: name })).to.throw(`SESSIONDB_INSTANCE is "${name}"`);
    });
  }
});
