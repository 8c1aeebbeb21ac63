import { EventEmitter } from "node:events";
import { expect } from "chai";
import { pino } from "pino";
import { InterruptedError } from "../../../../workers/shared/errors/interruptedError.ts";
import { listenForStop, type SignalSource } from "../../../../workers/shared/shutdown.ts";

class FakeProcess extends EventEmitter implements SignalSource {
  exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

const logger = pino({ level: "silent" });

describe("listenForStop", () => {
  it("aborts on the first signal and leaves at once on the second", () => {
    const source = new FakeProcess();
    const shutdown = listenForStop({ logger, graceMs: 60_000, source });
    source.emit("SIGTERM", "SIGTERM");
    expect(shutdown.signal.reason).to.be.instanceOf(InterruptedError);
    expect(source.exits).to.deep.equal([]);
    source.emit("SIGINT", "SIGINT");
    expect(source.exits).to.deep.equal([130]);
    shutdown.dispose();
  });

  it("leaves when the grace period is over", async () => {
    const source = new FakeProcess();
    const left = new Promise<number>((resolve) => {
      source.exit = resolve;
    });
    const shutdown = listenForStop({ logger, graceMs: 1, source });
    // The watchdog itself keeps nothing alive, so the test has to.
    const alive = setInterval(() => undefined, 1_000);
    source.emit("SIGTERM", "SIGTERM");
    expect(await left).to.equal(143);
    clearInterval(alive);
    shutdown.dispose();
  });

  it("stops listening when it is disposed of", () => {
    const source = new FakeProcess();
    listenForStop({ logger, graceMs: 1, source }).dispose();
    expect(source.listenerCount("SIGTERM") + source.listenerCount("SIGINT")).to.equal(0);
  });
});
