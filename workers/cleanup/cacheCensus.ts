import type { Keys } from "../../client/keys.ts";
import { ExpiryHistogram } from "./expiryHistogram.ts";
import type { Ledger } from "./ledger.ts";
import { asNumber, sortReply } from "./replies.ts";
import type { PageHandler } from "./sweep.ts";

/** The moments that all looks of a run measure by. */
export interface CacheMoments {
  /** From which remaining lifetimes are counted, ms since 1970. */
  readonly referenceMs: number;
  /** Expiry that entries without TTL get, ms since 1970: one for all, so that two looks at an entry agree. */
  readonly defaultExpiryMs: number;
}

/** What the census works with. */
export interface CensusOptions extends CacheMoments {
  readonly keys: Keys;
  readonly ledger: Ledger;
}

/** Answers of PEXPIRETIME that are no time. */
export const NO_KEY = -2;
/** A key that lives for ever. */
export const NO_TTL = -1;

/** First pass over the cache: counts each service's entries by lifetime. Holds nothing per entry. */
export class CacheCensus implements PageHandler {
  readonly services = new Map<string, ExpiryHistogram>();
  /** How many entries have no TTL. */
  endless = 0;
  readonly #options: CensusOptions;

  constructor(options: CensusOptions) {
    this.#options = options;
  }

  accepts(key: string): boolean {
    return this.#options.keys.parse(key)?.kind === "cache";
  }

  look(...[pipeline, keys]: Parameters<PageHandler["look"]>): void {
    for (const key of keys) pipeline.pexpiretime(key);
  }

  settle(...[keys, replies]: Parameters<PageHandler["settle"]>): Promise<void> {
    keys.forEach((key, position) => {
      const parsed = this.#options.keys.parse(key);
      const expiry = asNumber(sortReply(replies[position]));
      if (parsed?.kind !== "cache" || expiry === undefined) {
        this.#options.ledger.failed += 1;
        return;
      }
      if (expiry === NO_KEY) return;
      if (expiry === NO_TTL) this.endless += 1;
      const histogram = this.services.get(parsed.service) ?? new ExpiryHistogram();
      histogram.add(effectiveExpiryMs(expiry, this.#options) - this.#options.referenceMs);
      this.services.set(parsed.service, histogram);
    });
    return Promise.resolve();
  }
}

/** Expiry of an entry, with the default for one that has none. */
export function effectiveExpiryMs(expiry: number, moments: Pick<CacheMoments, "defaultExpiryMs">): number {
  return expiry === NO_TTL ? moments.defaultExpiryMs : expiry;
}
