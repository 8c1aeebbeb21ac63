/**
 * Base of every error that a worker raises on purpose. `code` is stable: summaries, alerts and tests decide
 * by it (or by class), never by the text.
 */
export abstract class WorkerError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
