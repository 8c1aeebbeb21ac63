import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";
import { expect } from "chai";
import { ApiClient } from "../../../../local/plugins/kubernetes/apiClient.ts";
import { ApiError } from "../../../../local/plugins/kubernetes/apiError.ts";
import { backoffMs, isTransient, withRetry } from "../../../../local/plugins/kubernetes/retry.ts";

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const json =
  (httpStatus: number, body: object): Reply =>
  (_request, response) =>
    void response.writeHead(httpStatus, { "content-type": "application/json" }).end(JSON.stringify(body));

describe("the Kubernetes API client", () => {
  let server: Server;
  let client: ApiClient;
  let replies: Reply[];
  let connections: number;

  beforeEach(async () => {
    replies = [];
    connections = 0;
    server = createServer((request, response) => (replies.shift() ?? json(500, {}))(request, response));
    server.on("connection", () => connections++);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const url = `http://127.0.0.1:${address.port}`;
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromClusterAndUser(
      { name: "c", server: url, skipTLSVerify: true },
      { name: "u", token: "t" },
    );
    const access = { kubeconfig, server: new URL(url), defaultNamespace: "default" };
    client = new ApiClient(access, new AbortController().signal);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  it("sends the kubeconfig's credentials over one kept-alive connection", async () => {
    const seen: (string | undefined)[] = [];
    const reply: Reply = (request, response) => {
      seen.push(request.headers.authorization);
      json(200, { ok: true })(request, response);
    };
    replies = [reply, reply, reply];
    for (const path of ["/a", "/b", "/c"]) expect(await client.call("GET", path)).to.deep.equal({ ok: true });
    expect(seen).to.deep.equal(["Bearer t", "Bearer t", "Bearer t"]);
    expect(connections).to.equal(1);
  });

  it("tries again after an overloaded answer and a broken connection", async () => {
    replies = [json(503, {}), (request) => void request.socket.destroy(), json(200, { ok: true })];
    expect(await client.call("PATCH", "/a", { body: {} })).to.deep.equal({ ok: true });
    expect(replies).to.have.length(0);
  });

  it("reports a refusal at once, in the server's words", async () => {
    replies = [json(422, { reason: "Invalid", message: "spec is wrong" }), json(200, {})];
    const error = await client.call("PATCH", "/api/v1/x?fieldManager=m", { body: {} }).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).to.be.instanceOf(ApiError).and.include({ httpStatus: 422, reason: "Invalid" });
    expect(error).to.have.property("message", "The API server refused PATCH /api/v1/x (422): spec is wrong");
    expect(replies).to.have.length(1);
  });
});

describe("repeating a call", () => {
  it("happens for overload and broken connections, and for a plain 500 of a read only", () => {
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect(isTransient(refused, "PATCH")).to.equal(true);
    expect(isTransient(new ApiError(429, "", ""), "PATCH")).to.equal(true);
    expect(isTransient(new ApiError(500, "", ""), "GET")).to.equal(true);
    expect(isTransient(new ApiError(500, "", ""), "PATCH")).to.equal(false);
    expect(isTransient(new ApiError(404, "", ""), "GET")).to.equal(false);
    expect(isTransient(new Error("no"), "GET")).to.equal(false);
  });

  it("pauses longer each time, up to a bound", () => {
    const policy = { attempts: 9, firstDelayMs: 100, maxDelayMs: 500 };
    expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(policy, attempt))).to.deep.equal([
      100, 200, 400, 500, 500,
    ]);
  });

  it("ends with the last error after the last attempt, and at once when cancelled", async () => {
    const policy = { attempts: 3, firstDelayMs: 1, maxDelayMs: 1 };
    let calls = 0;
    const task = () => Promise.reject(new Error(`call ${++calls}`));
    const run = async (signal: AbortSignal) =>
      withRetry(task, () => true, signal, policy).catch((error: unknown) => String(error));
    expect(await run(new AbortController().signal)).to.equal("Error: call 3");
    expect(await run(AbortSignal.abort())).to.equal("Error: call 4");
  });
});
