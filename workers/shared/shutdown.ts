import { InterruptedError } from "./errors/interruptedError.ts";
import type { Logger } from "./logger.ts";

/** Signals that end a worker in good order. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;
const SIGNAL_NUMBERS = { SIGTERM: 15, SIGINT: 2 } as const;

/** The part of `process` that is used, so that tests need no real signals. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): unknown;
}

/** Settings of listenForStop. */
export interface ShutdownOptions {
  readonly logger: Logger;
  /** Time for finishing the batch at hand; keep it below the pod's terminationGracePeriodSeconds. */
  readonly graceMs: number;
  /** @default process */
  readonly source?: SignalSource;
}

/** Handed to the work as its cancellation. */
export interface Shutdown {
  /** Aborts with an InterruptedError on the first stop signal. */
  readonly signal: AbortSignal;
  /** Stops listening; call it when the work is over. */
  dispose(): void;
}

/**
 * Two stages: the first SIGTERM or SIGINT aborts the signal, so that the work finishes its batch and closes;
 * a second one, or the end of the grace period, exits at once with 128 + signal number. The watchdog does
 * not keep the process alive.
 */
export function listenForStop(options: ShutdownOptions): Shutdown {
  const source: SignalSource = options.source ?? process;
  const controller = new AbortController();
  let watchdog: NodeJS.Timeout | undefined;
  const onSignal = (received: NodeJS.Signals): void => {
    const status = 128 + (received === "SIGINT" ? SIGNAL_NUMBERS.SIGINT : SIGNAL_NUMBERS.SIGTERM);
    if (controller.signal.aborted) {
      options.logger.warn({ signal: received }, "second stop signal: leaving at once");
      source.exit(status);
      return;
    }
    options.logger.info(
      { signal: received, graceMs: options.graceMs },
      "stop signal: finishing the batch at hand",
    );
    watchdog = setTimeout(() => {
      options.logger.error(
        { graceMs: options.graceMs },
        "grace period is over: leaving with work unfinished",
      );
      source.exit(status);
    }, options.graceMs);
    watchdog.unref();
    controller.abort(new InterruptedError(`stopped by ${received}`));
  };
  for (const name of STOP_SIGNALS) source.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose(): void {
      clearTimeout(watchdog);
      for (const name of STOP_SIGNALS) source.off(name, onSignal);
    },
  };
}
