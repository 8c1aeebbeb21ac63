import type { Redis } from "ioredis";
import type { Keys } from "../../client/keys.ts";
import type { Logger } from "../shared/logger.ts";
import type { Budget } from "./budget.ts";
import type { Ledger } from "./ledger.ts";
import type { Store } from "./writes.ts";

/** What every part of a cleanup run works with. */
export interface CleanupContext {
  /** Belongs to this run alone: WATCH is per connection. */
  readonly redis: Redis;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly budget: Budget;
  readonly batchSize: number;
}

/** What a run that also sweeps the keyspace works with. */
export interface SweepingContext extends CleanupContext {
  readonly scanCount: number;
  readonly dryRun: boolean;
}
