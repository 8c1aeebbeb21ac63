import { expect } from "chai";
import { parseNodeInfo } from "../../../../workers/backup/nodeInfo.ts";
import { parseReplicas } from "../../../../workers/backup/sentinelReplicas.ts";

describe("what nodes and Sentinels say", () => {
  it("reads INFO of a replica", () => {
    const text = [
      "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n",
      "loading:0\r\nrole:slave\r\nmaster_link_status:up\r\n",
      "# Keyspace\r\ndb7:keys=2,expires=1,avg_ttl=0\r\ndb0:keys=10,expires=3,avg_ttl=5\r\n",
    ].join("");
    expect(parseNodeInfo(text)).to.deep.equal({
      engine: { name: "redis", version: "7.0.15" },
      runId: "abc",
      role: "replica",
      loading: false,
      linkUp: true,
      databases: [
        { index: 0, keys: 10, expiring: 3 },
        { index: 7, keys: 2, expiring: 1 },
      ],
    });
  });

  it("reads INFO of a Valkey primary and of a replica that is cut off", () => {
    const valkey = parseNodeInfo(
      "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nrole:master\r\n",
    );
    expect(valkey).to.deep.include({
      engine: { name: "valkey", version: "8.0.1" },
      role: "primary",
      linkUp: true,
    });
    expect(parseNodeInfo("role:slave\r\nmaster_link_status:down\r\nloading:1\r\n")).to.deep.include({
      linkUp: false,
      loading: true,
    });
  });

  it("tells healthy replicas from others", () => {
    const view = (flags: string, link: string) => [
      ...["name", "x", "ip", "10.0.0.1", "port", "6379", "flags", flags],
      ...["master-link-status", link, "slave-repl-offset", "42"],
    ];
    const reply = [view("slave", "ok"), view("s_down,slave,disconnected", "ok"), view("slave", "err")];
    expect(parseReplicas(reply)).to.deep.equal([
      { host: "10.0.0.1", port: 6_379, offset: 42, trouble: undefined },
      { host: "10.0.0.1", port: 6_379, offset: 42, trouble: "flagged s_down" },
      { host: "10.0.0.1", port: 6_379, offset: 42, trouble: "link to its primary is err" },
    ]);
    expect(parseReplicas(null)).to.deep.equal([]);
  });
});
