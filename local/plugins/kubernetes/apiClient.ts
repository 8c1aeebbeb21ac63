import http from "node:http";
import https from "node:https";
import type { RequestOptions } from "node:https";
import { isObject, stringAt } from "../rpc/json.ts";
import type { JsonObject, JsonValue } from "../rpc/json.ts";
import { ApiError } from "./apiError.ts";
import type { ClusterAccess } from "./kubeconfig.ts";
import { isTransient, withRetry } from "./retry.ts";
import { UnreachableError } from "./unreachableError.ts";

/** HTTP methods in use; POST is not among them, so that every call may be repeated. */
export type Method = "GET" | "PATCH" | "DELETE";

/** A call's optional parts. */
export interface CallOptions {
  readonly body?: JsonObject;
  readonly contentType?: string;
}

interface RawAnswer {
  readonly httpStatus: number;
  readonly text: string;
}

const ANSWER_TIMEOUT_MS = 60_000;

/** Credentials are re-read this often, since tokens of exec and file plugins expire. */
const CREDENTIALS_LIFETIME_MS = 60_000;

/** Raw JSON over HTTPS to one API server, over kept-alive connections, with bounded retries. */
export class ApiClient {
  readonly #access: ClusterAccess;
  readonly #signal: AbortSignal;
  #options: RequestOptions | undefined;
  #optionsExpireAt = 0;

  constructor(access: ClusterAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /**
   * Calls a path of the API.
   *
   * @throws ApiError with the server's own words for answers above 299
   * @throws UnreachableError when no answer came after all retries
   */
  async call(method: Method, path: string, options: CallOptions = {}): Promise<JsonObject> {
    try {
      return await withRetry(
        async () => parseAnswer(await this.#send(method, path, options), method, path),
        (error) => isTransient(error, method),
        this.#signal,
      );
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new UnreachableError(this.#access.server.href, error);
    }
  }

  async #send(method: Method, path: string, { body, contentType }: CallOptions): Promise<RawAnswer> {
    const { server } = this.#access;
    const target = new URL(server.pathname.replace(/\/$/, "") + path, server);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const base = await this.#requestOptions();
    const headers: http.OutgoingHttpHeaders = {
      ...(isHeaders(base.headers) ? base.headers : {}),
      accept: "application/json",
      ...(payload === undefined
        ? {}
        : { "content-type": contentType ?? "application/json", "content-length": payload.byteLength }),
    };
    const transport = target.protocol === "http:" ? http : https;
    return new Promise((resolve, reject) => {
      const request = transport.request(target, { ...base, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ httpStatus: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      request.setTimeout(ANSWER_TIMEOUT_MS, () =>
        request.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
      );
      request.on("error", reject);
      request.end(payload);
    });
  }

  /** TLS options and credentials of the kubeconfig with one shared agent. */
  async #requestOptions(): Promise<RequestOptions> {
    if (this.#options !== undefined && Date.now() < this.#optionsExpireAt) return this.#options;
    const loaded: RequestOptions = {};
    await this.#access.kubeconfig.applyToHTTPSOptions(loaded);
    const agent = this.#options?.agent ?? this.#makeAgent(loaded);
    this.#options = { ...loaded, agent };
    this.#optionsExpireAt = Date.now() + CREDENTIALS_LIFETIME_MS;
    return this.#options;
  }

  #makeAgent(loaded: RequestOptions): http.Agent {
    if (this.#access.server.protocol === "http:") return new http.Agent({ keepAlive: true });
    const configured = loaded.agent;
    // A proxy's agent has to stay; a plain one is replaced by a keep-alive agent with the same TLS options.
    if (configured instanceof http.Agent && !(configured instanceof https.Agent)) return configured;
    const tls = configured instanceof https.Agent ? configured.options : {};
    return new https.Agent({ ...tls, keepAlive: true });
  }
}

function parseAnswer({ httpStatus, text }: RawAnswer, method: string, path: string): JsonObject {
  const body = parseBody(text);
  if (httpStatus < 300) return body;
  const message = stringAt(body, "message") ?? (text.trim() || `HTTP status ${httpStatus}`);
  throw new ApiError(
    httpStatus,
    stringAt(body, "reason") ?? "",
    `The API server refused ${method} ${path.split("?", 1)[0] ?? path} (${httpStatus}): ${message}`,
  );
}

/** Errors of proxies come as text or HTML, which is kept for the message and is no object. */
function parseBody(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isHeaders(headers: RequestOptions["headers"]): headers is http.OutgoingHttpHeaders {
  return headers !== undefined && !Array.isArray(headers);
}
