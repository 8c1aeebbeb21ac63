import { expect } from "chai";
import {
  isTrustworthy,
  liveHistory,
  nextRecord,
  parseRecord,
  recordedHistory,
  unsyncedRecord,
  type HistoryRecord,
} from "../../../workers/agent/historyRecord.ts";
import type { ServerInfo } from "../../../workers/agent/infoReply.ts";

const context = { at: new Date(0), bootId: "boot-1", aofBase: "base-1" };

function info(more: Partial<ServerInfo> = {}): ServerInfo {
  return {
    runId: "run",
    role: "replica",
    follows: { host: "10.0.0.1", port: 6379 },
    linkUp: true,
    linkDownSeconds: null,
    loading: false,
    replicationId: "a",
    secondReplicationId: null,
    offset: 100,
    priority: 100,
    aofEnabled: true,
    aofBytes: 50,
    aofRewriting: false,
    aofRewriteFailed: false,
    keys: 3,
    ...more,
  };
}

function record(more: Partial<HistoryRecord> = {}): HistoryRecord {
  const made = nextRecord(info(), null, context);
  if (made === null) throw new Error("a linked replica is recorded");
  return { ...made, ...more };
}

describe("the history record", () => {
  it("holds what a linked replica or a primary reports", () => {
    expect(record()).to.deep.include({ replicationId: "a", offset: 100, role: "replica", unsynced: false });
    expect(record().aof).to.deep.equal({ base: "base-1", bytes: 50 });
    expect(nextRecord(info({ role: "primary", linkUp: false }), null, context)).to.deep.include({
      role: "primary",
    });
  });

  it("survives being written and read, and damage makes it unknown rather than empty", () => {
    expect(parseRecord(JSON.stringify(record()))).to.deep.equal(record());
    expect(parseRecord('{"offset":')).to.equal(null);
    expect(parseRecord("{}")).to.equal(null);
  });

  it("is not overwritten by the made-up id of a replica that never reached its primary", () => {
    const restarted = info({ linkUp: false, replicationId: "random", offset: 0 });
    expect(isTrustworthy(restarted, record())).to.equal(false);
    expect(nextRecord(restarted, record(), context)).to.equal(null);
  });

  it("goes on with a replica that lost its primary after having copied it", () => {
    expect(nextRecord(info({ linkUp: false, offset: 120 }), record(), context)).to.deep.include({
      offset: 120,
    });
  });

  it("stands still while a server loads, and while a replica's fresh copy is not on its volume yet", () => {
    expect(nextRecord(info({ loading: true, role: "primary" }), record(), context)).to.equal(null);
    expect(nextRecord(info({ aofRewriting: true }), record(), context)).to.equal(null);
    expect(nextRecord(info({ aofRewriteFailed: true }), record(), context)).to.equal(null);
    expect(nextRecord(info({ role: "primary", aofRewriting: true }), record(), context)).to.not.equal(null);
  });

  it("remembers the ids that came before, the newest first and never its own", () => {
    const promoted = info({ role: "primary", replicationId: "b", secondReplicationId: "a" });
    const second = nextRecord(promoted, record(), context);
    expect(second?.superseded).to.deep.equal(["a"]);
    const third = nextRecord(info({ replicationId: "c" }), second, context);
    expect(third?.superseded).to.deep.equal(["b", "a"]);
    expect(nextRecord(info({ replicationId: "a" }), third, context)?.superseded).to.deep.equal(["c", "b"]);
    expect(liveHistory(promoted, record())).to.deep.include({ superseded: ["a"], complete: true });
  });

  it("takes over nothing from the mark of an empty start", () => {
    expect(nextRecord(info(), unsyncedRecord(context), context)?.superseded).to.deep.equal([]);
    expect(isTrustworthy(info({ linkUp: false, replicationId: "" }), unsyncedRecord(context))).to.equal(
      false,
    );
  });
});

describe("the history of files at rest", () => {
  const files = { aofBase: "base-1", aofBytes: 50, bootId: "boot-1" };

  it("counts what the append-only file grew by, or lost, since the record", () => {
    expect(recordedHistory(record(), { ...files, aofBytes: 80 }).offset).to.equal(130);
    expect(recordedHistory(record(), { ...files, aofBytes: 20 }).offset).to.equal(70);
  });

  it("makes no guess after the file was rewritten", () => {
    expect(recordedHistory(record(), { ...files, aofBase: "base-2", aofBytes: 9 }).offset).to.equal(100);
    expect(recordedHistory(record({ aof: null }), files).offset).to.equal(100);
  });

  it("is complete only on the stream's own primary, in the same boot, with nothing cut off", () => {
    const generator = record({ role: "primary" });
    expect(recordedHistory(generator, files).complete).to.equal(true);
    expect(recordedHistory(generator, { ...files, bootId: "boot-2" }).complete).to.equal(false);
    expect(recordedHistory(generator, { ...files, aofBytes: 49 }).complete).to.equal(false);
    expect(recordedHistory(generator, { ...files, aofBase: "base-2" }).complete).to.equal(false);
    expect(recordedHistory(record(), files).complete).to.equal(false);
  });
});
