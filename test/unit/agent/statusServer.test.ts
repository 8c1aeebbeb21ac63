import { expect } from "chai";
import type { StateMessage } from "../../../workers/agent/stateMessage.ts";
import { parseStateMessage } from "../../../workers/agent/stateMessage.ts";
import { startStatusServer, type StatusServer } from "../../../workers/agent/statusServer.ts";
import { freePort } from "../../helpers/redis.ts";
import { data, primary, replica, stopped, unrecorded } from "./worlds.ts";

describe("the agent's HTTP endpoint", () => {
  let server: StatusServer;
  let base: string;
  let state: () => Promise<StateMessage>;

  before(async () => {
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    server = await startStatusServer(port, { state: () => state(), status: () => ({ phase: "idle" }) });
  });
  after(() => server.close());

  it("carries every view of a node unchanged", async () => {
    const views: StateMessage[] = [
      stopped(data("a", 5, { superseded: ["z"], complete: true }), "candidate"),
      stopped(unrecorded()),
      primary(data("a", 1)),
      replica({ kind: "empty" }, false),
      { kind: "unconfigured" },
      { kind: "unreachable", detail: "Redis: timeout" },
    ];
    for (const view of views) {
      state = () => Promise.resolve(view);
      expect(parseStateMessage(await (await fetch(`${base}/state`)).text())).to.deep.equal(view);
    }
  });

  it("calls a node that it cannot look at unreachable", async () => {
    state = () => Promise.reject(new Error("volume is gone"));
    const body: unknown = await (await fetch(`${base}/state`)).json();
    expect(body).to.deep.equal({ kind: "unreachable", detail: "volume is gone" });
  });

  it("answers health and status, and nothing else", async () => {
    expect((await fetch(`${base}/healthz`)).status).to.equal(200);
    expect(await (await fetch(`${base}/status`)).json()).to.deep.equal({ phase: "idle" });
    expect((await fetch(`${base}/`)).status).to.equal(404);
    expect((await fetch(`${base}/status`, { method: "POST" })).status).to.equal(405);
  });

  it("lets nobody take something else for a state", () => {
    expect(() => parseStateMessage('{"kind":"stopped"}')).to.throw();
    expect(() => parseStateMessage("<html>")).to.throw();
  });
});
