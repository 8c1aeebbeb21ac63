/** Tells the steps of a run when to stop: at the end of the time given, or on a stop signal. */
export class Budget {
  readonly #endsAt: number;
  readonly #startedAt: number;
  readonly #signal: AbortSignal;
  readonly #now: () => number;

  /** @param now a monotonic clock, ms; @default performance.now */
  constructor(options: {
    readonly maxMs: number;
    readonly signal: AbortSignal;
    readonly now?: () => number;
  }) {
    this.#now = options.now ?? ((): number => performance.now());
    this.#startedAt = this.#now();
    this.#endsAt = this.#startedAt + options.maxMs;
    this.#signal = options.signal;
  }

  /** Whether no further batch may begin. */
  isSpent(): boolean {
    return this.#signal.aborted || this.#now() >= this.#endsAt;
  }

  /** A budget for one step: at most this part of what is left now. */
  share(fraction: number): Budget {
    const leftMs = Math.max(0, this.#endsAt - this.#now());
    return new Budget({ maxMs: leftMs * fraction, signal: this.#signal, now: this.#now });
  }

  /** The same budget, also ended by another signal. */
  under(signal: AbortSignal): Budget {
    const leftMs = Math.max(0, this.#endsAt - this.#now());
    return new Budget({ maxMs: leftMs, signal: AbortSignal.any([this.#signal, signal]), now: this.#now });
  }

  /** Milliseconds since the run began. */
  elapsedMs(): number {
    return Math.round(this.#now() - this.#startedAt);
  }
}
