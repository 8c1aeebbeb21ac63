import { once } from "node:events";
import { createServer } from "node:http";
import { STATE_PATH, type StateMessage } from "./stateMessage.ts";

/** What the agent's HTTP endpoint tells; all of it is free of secrets. */
export interface StatusSource {
  /** For peers that need to decide: see stateMessage.ts. */
  readonly state: () => Promise<StateMessage>;
  /** For humans and the command line: the latest verdict and refusal. */
  readonly status: () => object;
}

/** A running endpoint. */
export interface StatusServer {
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/** Serves /healthz, /status and /state on all addresses of the pod; only GET, no parameters. */
export async function startStatusServer(port: number, source: StatusSource): Promise<StatusServer> {
  const server = createServer((request, response) => {
    void answer(request.method, request.url, source).then(([code, body]) => {
      response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(`${JSON.stringify(body)}\n`);
    });
  });
  server.listen(port);
  await once(server, "listening");
  return {
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  method: string | undefined,
  url: string | undefined,
  source: StatusSource,
): Promise<readonly [number, object]> {
  if (method !== "GET") return [405, { error: "only GET is served" }];
  if (url === "/healthz") return [200, { ok: true }];
  if (url === "/status") return [200, source.status()];
  if (url === STATE_PATH) return [200, await stateOf(source)];
  return [404, { error: `served are /healthz, /status and ${STATE_PATH}` }];
}

/** A node that cannot be looked at is as good as silent for its peers. */
async function stateOf(source: StatusSource): Promise<StateMessage> {
  try {
    return await source.state();
  } catch (error) {
    return { kind: "unreachable", detail: error instanceof Error ? error.message : String(error) };
  }
}
