import { Redis } from "ioredis";
import type { CredentialSource } from "./accounts.ts";
import type { Address } from "./topology.ts";

const DISCONNECT_TIMEOUT_MS = 200;

/**
 * Unlike the workers' connections this one does not insist on a server that is ready: the agent asks servers that load.
 * One connection to one Redis or Sentinel, made when needed and given up on the first failure: the agent asks
 * again by itself, and an old answer that arrives late is worse than none.
 */
export class RedisLink {
  readonly #address: Address;
  readonly #credentials: CredentialSource;
  readonly #timeoutMs: number;
  #client: Redis | null = null;

  /** @param timeoutMs bound for connecting and for each reply, in milliseconds */
  constructor(address: Address, credentials: CredentialSource, timeoutMs: number) {
    this.#address = address;
    this.#credentials = credentials;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Runs commands on the connection.
   * @throws {Error} the connection's own error (see isRefused), a timeout, or the server's error reply
   */
  async ask<T>(run: (client: Redis) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#connect());
    this.#client = client;
    try {
      return await run(client);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Gives up the connection; the next question makes a new one. */
  close(): void {
    this.#client?.disconnect();
    this.#client = null;
  }

  async #connect(): Promise<Redis> {
    const { username, password } = await this.#credentials();
    const client = new Redis({
      host: this.#address.host,
      port: this.#address.port,
      username,
      password,
      protocol: 2,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: this.#timeoutMs,
      commandTimeout: this.#timeoutMs,
      // A dead server's half-closed socket would keep an agent that has finished from ending.
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      // A loading server is to be asked what it loads, not waited for.
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    // ioredis reports why a connection failed here only; connect() itself just says that it is closed.
    let reason: unknown = null;
    client.on("error", (error: unknown) => {
      reason = error;
    });
    client.on("close", () => {
      if (this.#client === client) this.#client = null;
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.disconnect();
      throw reason ?? error;
    }
  }
}

/** Whether an error says that nobody listens at the address: the server does not run. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

/** A short text for an error, fit for a refusal: no stack, no secrets. */
export function briefly(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
