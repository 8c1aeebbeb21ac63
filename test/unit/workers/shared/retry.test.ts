import { expect } from "chai";
import fc from "fast-check";
import { ConnectionError } from "../../../../workers/shared/errors/connectionError.ts";
import { retry, retryDelayMs } from "../../../../workers/shared/retry.ts";

const QUICK = { on: [ConnectionError], baseDelayMs: 1, maxDelayMs: 2 };

describe("retry", () => {
  it("tries again after a listed error and gives back the result", async () => {
    const attempts: number[] = [];
    const result = await retry((attempt) => {
      attempts.push(attempt);
      return attempt < 3 ? Promise.reject(new ConnectionError("away")) : Promise.resolve("done");
    }, QUICK);
    expect(result).to.equal("done");
    expect(attempts).to.deep.equal([1, 2, 3]);
  });

  it("throws any other error at once, and the last one when the attempts are used up", async () => {
    let calls = 0;
    const fail = (error: Error) => () => {
      calls += 1;
      return Promise.reject(error);
    };
    const defect = new TypeError("defect");
    expect(await retry(fail(defect), QUICK).catch((error: unknown) => error)).to.equal(defect);
    expect(calls).to.equal(1);
    const away = new ConnectionError("away");
    expect(await retry(fail(away), { ...QUICK, attempts: 3 }).catch((error: unknown) => error)).to.equal(
      away,
    );
    expect(calls).to.equal(4);
  });

  it("ends its pause when the signal is aborted", async () => {
    const stop = new AbortController();
    const reason = new Error("stop");
    const running = retry(() => Promise.reject(new ConnectionError("away")), {
      on: [ConnectionError],
      baseDelayMs: 60_000,
      maxDelayMs: 60_000,
      signal: stop.signal,
      onRetry: () => stop.abort(reason),
    });
    expect(await running.catch((error: unknown) => error)).to.equal(reason);
  });

  it("pauses between half and the whole of a capped, doubling bound", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const bound = Math.min(1_000, 10 * 2 ** (attempt - 1));
          const delay = retryDelayMs(attempt, { baseDelayMs: 10, maxDelayMs: 1_000, random: () => random });
          expect(delay).to.be.within(Math.floor(bound / 2), bound);
        },
      ),
    );
  });
});
