import { expect } from "chai";
import { AccessError } from "../../../../workers/shared/errors/accessError.ts";
import { ConfigurationError } from "../../../../workers/shared/errors/configurationError.ts";
import { LockHeldError } from "../../../../workers/shared/errors/lockHeldError.ts";
import { failure } from "../../../../workers/shared/runWorker.ts";
import { asWorkerError } from "../../../../workers/shared/replyErrors.ts";
import { ConnectionError } from "../../../../workers/shared/errors/connectionError.ts";

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

describe("worker errors", () => {
  it("map to exit statuses by class", () => {
    expect(failure(new ConfigurationError(["x"]), 1).exitCode).to.equal(2);
    expect(failure(new LockHeldError("x"), 1).exitCode).to.equal(75);
    expect(failure(new AccessError("x"), 1).exitCode).to.equal(1);
    expect(failure("text", 7)).to.deep.equal({
      exitCode: 1,
      summary: { error: { code: "UNEXPECTED", message: "text" }, durationMs: 7 },
    });
  });

  it("sort what Redis and the connection report", () => {
    expect(asWorkerError(reply("NOPERM no"), "x")).to.be.instanceOf(AccessError);
    expect(asWorkerError(reply("READONLY no"), "x")).to.be.instanceOf(ConnectionError);
    expect(asWorkerError(new Error("Connection is closed."), "x")).to.be.instanceOf(ConnectionError);
    const other = reply("ERR other");
    const defect = new TypeError("defect");
    const known = new LockHeldError("x");
    for (const error of [other, defect, known]) expect(asWorkerError(error, "x")).to.equal(error);
  });
});
