import { expect } from "chai";
import { decidedIn, renderRoleConf } from "../../../workers/agent/roleConf.ts";
import { member, topology } from "./worlds.ts";

const announce = { host: "10.0.0.1", port: 6379 };
const of = topology.redis[1] ?? member("redis-1", 2);

describe("the role.conf of a verdict", () => {
  it("announces a primary and sets nothing else", () => {
    const text = renderRoleConf("id-1", { kind: "primary", reason: "first" }, announce);
    expect(text.split("\n")).to.deep.equal([
      "# request id-1",
      "# primary",
      "replica-announce-ip 10.0.0.1",
      "replica-announce-port 6379",
      "",
    ]);
  });

  it("lets a replica follow its primary, not to be promoted before it has copied it", () => {
    const text = renderRoleConf("id-1", { kind: "replica", of, promotable: false, reason: "" }, announce);
    expect(text.split("\n").slice(4)).to.deep.equal(["replica-priority 0", "replicaof 10.0.0.2 6379", ""]);
  });

  it("tells a later agent what was decided, for that very request only", () => {
    const candidate = renderRoleConf("id-1", { kind: "replica", of, promotable: true, reason: "" }, announce);
    expect(decidedIn(candidate, "id-1")).to.equal("candidate");
    expect(decidedIn(candidate, "id-10")).to.equal(null);
    expect(decidedIn(renderRoleConf("id-1", { kind: "primary", reason: "" }, announce), "id-1")).to.equal(
      "primary",
    );
    expect(decidedIn("# request id-1\n# something\n", "id-1")).to.equal(null);
  });
});
