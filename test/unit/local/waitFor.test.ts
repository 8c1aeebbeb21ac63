import { expect } from "chai";
import { waitFor } from "../../../local/support/waitFor.ts";

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it did not fail",
    (error: unknown) => (error as Error).message,
  );
}

describe("waitFor", () => {
  it("returns the first thing found", async () => {
    let looks = 0;
    const found = await waitFor(() => Promise.resolve(++looks === 3 ? looks : undefined), {
      what: "three",
      timeoutSeconds: 5,
      intervalMs: 1,
    });
    expect(found).to.equal(3);
  });

  it("says what was awaited, how long, the last error and where to look", async () => {
    const message = await failure(
      waitFor(() => Promise.reject(new Error("refused")), {
        what: "the server",
        timeoutSeconds: 0.01,
        intervalMs: 1,
        hint: "server.log",
      }),
    );
    expect(message).to.equal("waited 0.01 s for the server; last seen: refused. Look at server.log.");
  });
});
