import type { ChainableCommander, Redis } from "ioredis";
import type { Ledger } from "./ledger.ts";
import { allReplies, sortReply, type PipelineReply } from "./replies.ts";

/** What is done with the keys of one SCAN page. */
export interface PageHandler {
  /** Whether the key is any of the handler's business; all others are passed by without a command. */
  accepts(key: string): boolean;
  /** Adds exactly one cheap reading command per key; they travel together with the next SCAN. */
  look(pipeline: ChainableCommander, keys: readonly string[]): void;
  /** Works on the page, given the replies in the order of the keys. */
  settle(keys: readonly string[], replies: readonly PipelineReply[]): Promise<void>;
}

/** Settings of sweep. */
export interface SweepOptions {
  readonly redis: Redis;
  /** SCAN's COUNT: how many keys the server visits per call; its stall grows with it. */
  readonly scanCount: number;
  /** Cursor to go on from; "0" for the beginning. */
  readonly from: string;
  /** Glob pattern of keys; all keys when left out. */
  readonly match?: string;
  readonly page: PageHandler;
  /** Counts every key that SCAN gave, accepted or not. */
  readonly ledger: Pick<Ledger, "scanned">;
  /** Asked before each further page. */
  readonly shouldStop: () => boolean;
  /** Told after each page where the next one begins. */
  readonly onPage?: (next: string) => Promise<void>;
}

/** Where a sweep ended. */
export interface SweepEnd {
  /** "0" when the keyspace was seen to its end. */
  readonly next: string;
  readonly complete: boolean;
}

interface Page {
  readonly next: string;
  readonly keys: readonly string[];
}

const END = "0";

/**
 * Visits the keyspace page by page with SCAN. The next SCAN is sent along with the look at the page at hand,
 * so it costs no round trip of its own. A key may come more than once, as SCAN allows: pages must not mind.
 */
export async function sweep(options: SweepOptions): Promise<SweepEnd> {
  let page = readPage(
    allReplies(await addScan(options.redis.pipeline(), options.from, options).exec()).at(0),
  );
  for (;;) {
    const fetchNext = page.next !== END && !options.shouldStop();
    const pipeline = options.redis.pipeline();
    const keys = page.keys.filter((key) => options.page.accepts(key));
    options.ledger.scanned += page.keys.length;
    options.page.look(pipeline, keys);
    if (fetchNext) addScan(pipeline, page.next, options);
    const replies = pipeline.length === 0 ? [] : allReplies(await pipeline.exec());
    await options.page.settle(keys, replies.slice(0, keys.length));
    await options.onPage?.(page.next);
    if (!fetchNext) return { next: page.next, complete: page.next === END };
    page = readPage(replies.at(-1));
  }
}

function addScan(pipeline: ChainableCommander, cursor: string, options: SweepOptions): ChainableCommander {
  return options.match === undefined
    ? pipeline.scan(cursor, "COUNT", options.scanCount)
    : pipeline.scan(cursor, "MATCH", options.match, "COUNT", options.scanCount);
}

function readPage(reply: PipelineReply | undefined): Page {
  const sorted = sortReply(reply);
  if (sorted.state === "refused") throw sorted.error;
  const [next, keys] = sorted.state === "value" ? (sorted.value as [string, string[]]) : [END, []];
  return { next, keys };
}
