import { expect } from "chai";
import { parseInfo } from "../../../workers/agent/infoReply.ts";

const REPLICA = [
  "# Server",
  "run_id:0f",
  "# Replication",
  "role:slave",
  "master_host:10.0.0.1",
  "master_port:6379",
  "master_link_status:up",
  "slave_repl_offset:120",
  "master_repl_offset:110",
  "slave_priority:0",
  "master_replid:aa",
  "master_replid2:0000000000000000000000000000000000000000",
  "loading:0",
  "async_loading:0",
  "aof_enabled:1",
  "aof_rewrite_in_progress:0",
  "aof_rewrite_scheduled:1",
  "aof_last_bgrewrite_status:ok",
  "aof_current_size:4711",
  "db0:keys=3,expires=1,avg_ttl=0",
  "db1:keys=4,expires=0,avg_ttl=0",
].join("\r\n");

describe("the reply of INFO", () => {
  it("describes a replica", () => {
    expect(parseInfo(REPLICA)).to.deep.equal({
      runId: "0f",
      role: "replica",
      follows: { host: "10.0.0.1", port: 6379 },
      linkUp: true,
      linkDownSeconds: null,
      loading: false,
      replicationId: "aa",
      secondReplicationId: null,
      offset: 120,
      priority: 0,
      aofEnabled: true,
      aofBytes: 4711,
      aofRewriting: true,
      aofRewriteFailed: false,
      keys: 7,
    });
  });

  it("describes a primary with the id that it continued", () => {
    const text = REPLICA.replace("role:slave", "role:master").replace(
      /master_replid2:0+/,
      "master_replid2:bb",
    );
    expect(parseInfo(text)).to.deep.include({
      role: "primary",
      follows: null,
      offset: 110,
      secondReplicationId: "bb",
    });
  });

  it("tells how long a lost link has been down, but not of one that never was up", () => {
    const down = REPLICA.replace("master_link_status:up", "master_link_status:down");
    const lost = `${down}\r\nmaster_link_down_since_seconds:17`;
    const never = `${down}\r\nmaster_link_down_since_seconds:-1`;
    expect(parseInfo(lost)).to.include({ linkUp: false, linkDownSeconds: 17 });
    expect(parseInfo(never)).to.include({ linkUp: false, linkDownSeconds: null });
  });

  it("names a field that is missing", () => {
    expect(() => parseInfo(REPLICA.replace("master_replid:aa", ""))).to.throw("no field master_replid");
  });
});
