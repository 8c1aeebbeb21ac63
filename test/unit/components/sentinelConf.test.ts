import { expect } from "chai";
import { MASTER_NAME, renderSentinelConf } from "../../../components/redis/sentinelConf.ts";

const conf = renderSentinelConf({
  port: 26379,
  dataDirectory: "/data",
  aclFile: "/etc/sessiondb/acl/users.acl",
  masterName: MASTER_NAME,
  downAfterMs: 1000,
  failoverTimeoutMs: 6000,
  parallelSyncs: 1,
});

describe("sentinel.conf", () => {
  it("holds exactly these settings", () => {
    expect(conf.split("\n")).to.deep.equal([
      "bind * -::*",
      "protected-mode no",
      "port 26379",
      "dir /data",
      "daemonize no",
      "loglevel notice",
      'logfile ""',
      "aclfile /etc/sessiondb/acl/users.acl",
      "acllog-max-len 128",
      "sentinel resolve-hostnames no",
      "sentinel announce-hostnames no",
      "sentinel deny-scripts-reconfig yes",
      "sentinel down-after-milliseconds sessiondb 1000",
      "sentinel failover-timeout sessiondb 6000",
      "sentinel parallel-syncs sessiondb 1",
      "",
    ]);
  });

  it("leaves to Sentinel what Sentinel decides", () => {
    expect(conf).to.not.match(/monitor|epoch|myid|known-|auth-/);
  });
});
