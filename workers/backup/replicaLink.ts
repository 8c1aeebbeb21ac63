import { connect, type Socket } from "node:net";
import { once } from "node:events";
import type { Address } from "../shared/binding.ts";
import { AccessError } from "../shared/errors/accessError.ts";
import { ConnectionError } from "../shared/errors/connectionError.ts";
import { DeadlineError } from "../shared/errors/deadlineError.ts";
import { show, type Credentials } from "../shared/redisConnection.ts";
import { SnapshotError } from "./errors/snapshotError.ts";
import { SourceError } from "./errors/sourceError.ts";
import { SyncParser, type SyncEvent } from "./syncParser.ts";

/** Settings of openReplicaLink. */
export interface ReplicaLinkOptions {
  readonly address: Address;
  readonly credentials: Credentials;
  /** Ends the link at any point. */
  readonly signal: AbortSignal;
  /** Longest silence, which the server breaks every few seconds while it prepares. @default 60 000 */
  readonly idleTimeoutMs?: number;
}

/** The moment in the replication history that a snapshot shows. */
export interface SyncPoint {
  readonly replicationId: string;
  readonly offset: number;
}

const IDLE_TIMEOUT_MS = 60_000;
const REFUSALS = /^-(NOAUTH|WRONGPASS|NOPERM)\b/;

/**
 * A connection that asks for one snapshot the way a replica does, without ever becoming one that counts:
 * `rdb-only` keeps it out of the set of online replicas, so it satisfies no WAIT and no min-replicas-to-write,
 * gathers no replication buffer on the server, and acknowledges nothing.
 */
export class ReplicaLink {
  readonly #socket: Socket;
  readonly #place: string;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #parser = new SyncParser();
  readonly #events: SyncEvent[] = [];

  private constructor(socket: Socket, place: string) {
    this.#socket = socket;
    this.#place = place;
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /**
   * Connects and signs in.
   *
   * @throws AccessError, ConnectionError, DeadlineError
   */
  static async open(options: ReplicaLinkOptions): Promise<ReplicaLink> {
    const place = show(options.address);
    const socket = connect({ ...options.address, noDelay: true });
    const idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    socket.setTimeout(idleTimeoutMs, () =>
      socket.destroy(new DeadlineError(`${place} sent nothing for ${idleTimeoutMs} ms`)),
    );
    const abort = (): void => void socket.destroy(options.signal.reason as Error);
    if (options.signal.aborted) abort();
    options.signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => options.signal.removeEventListener("abort", abort));
    try {
      await once(socket, "connect");
    } catch (error) {
      throw linkFailure(error, `cannot connect to ${place}`);
    }
    const link = new ReplicaLink(socket, place);
    try {
      const { username, password } = options.credentials;
      if (password !== undefined) {
        await link.#expectOk(
          username === undefined ? ["AUTH", password] : ["AUTH", username, password],
          "AUTH",
        );
      }
      await link.#expectOk(["REPLCONF", "capa", "eof", "capa", "psync2"], "REPLCONF capa");
      await link.#expectOk(["REPLCONF", "rdb-only", "1"], "REPLCONF rdb-only");
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /**
   * Asks for a full synchronisation; resolves when the server has begun its snapshot, so at the moment that
   * the snapshot shows.
   */
  async begin(): Promise<SyncPoint> {
    this.#send(["PSYNC", "?", "-1"]);
    const line = await this.#line();
    const match = /^\+FULLRESYNC ([0-9a-f]{40}) (\d+)$/i.exec(line);
    if (match) return { replicationId: match[1] ?? "", offset: Number(match[2]) };
    this.close();
    throw this.#refusal(line, "PSYNC", "a full synchronisation");
  }

  /**
   * The snapshot in pieces, as fast as the reader takes them.
   *
   * @throws SnapshotError when the connection ends before the snapshot does
   */
  async *snapshot(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const event = await this.#next();
        if (event.type === "end") return;
        if (event.type === "line") throw this.#refusal(event.text, "PSYNC", "a snapshot");
        yield event.bytes;
      }
    } finally {
      this.close();
    }
  }

  /** Ends the connection; harmless when it has ended. */
  close(): void {
    this.#socket.destroy();
  }

  async #expectOk(command: readonly string[], name: string): Promise<void> {
    this.#send(command);
    const line = await this.#line();
    if (line !== "+OK") throw this.#refusal(line, name, "+OK");
  }

  #send(command: readonly string[]): void {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    this.#socket.write(`*${command.length}\r\n${parts.join("")}`);
  }

  async #line(): Promise<string> {
    const event = await this.#next();
    if (event.type !== "line")
      throw new SnapshotError(`${this.#place} sent a snapshot that nobody asked for`);
    return event.text;
  }

  async #next(): Promise<SyncEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      let chunk: IteratorResult<Buffer>;
      try {
        chunk = await this.#chunks.next();
      } catch (error) {
        throw linkFailure(error, `lost ${this.#place}`);
      }
      if (chunk.done === true)
        throw new SnapshotError(`${this.#place} closed the connection before the snapshot's end`);
      this.#events.push(...this.#parser.push(chunk.value));
    }
  }

  #refusal(line: string, command: string, expected: string): Error {
    const text = `${this.#place} answered ${command} with "${line}"; expected ${expected}`;
    return REFUSALS.test(line) ? new AccessError(`${text}; check the backup account`) : new SourceError(text);
  }
}

/** Keeps the reason of an abort or a deadline; anything else is a failing connection. */
function linkFailure(error: unknown, what: string): Error {
  if (
    error instanceof Error &&
    "code" in error &&
    error.code === "ABORT_ERR" &&
    error.cause instanceof Error
  ) {
    return error.cause;
  }
  const system = error instanceof Error && "syscall" in error;
  if (error instanceof Error && !system) return error;
  return new ConnectionError(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
