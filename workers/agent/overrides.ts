import { join } from "node:path";
import type { Logger } from "../shared/logger.ts";
import { readIfPresent } from "./files.ts";
import { briefly } from "./redisLink.ts";

/** The file with the operator's reason for accepting that data may be lost. */
export const ACCEPT_DATA_LOSS_FILE = "accept-data-loss";

/**
 * The operator's overrides: files in a mounted directory, read anew each time. They are no part of the pod's template on
 * purpose, for changing that restarts the pods one by one, and a pod that waits for another with the override never gets ready.
 */
export class Overrides {
  readonly #path: string;
  readonly #logger: Logger;
  #failure = "";

  constructor(directory: string, logger: Logger) {
    this.#path = join(directory, ACCEPT_DATA_LOSS_FILE);
    this.#logger = logger;
  }

  /**
   * The reason for accepting that data may be lost; empty without a file, with a blank one, and with one that cannot be read
   * (which is logged, once per failure): nothing is accepted by mistake, and everything else goes on.
   */
  async acceptDataLoss(): Promise<string> {
    try {
      const text = await readIfPresent(this.#path);
      this.#failure = "";
      return text?.trim() ?? "";
    } catch (error) {
      const failure = briefly(error);
      if (failure !== this.#failure)
        this.#logger.warn({ err: error }, `cannot read ${this.#path}; no data loss is accepted meanwhile`);
      this.#failure = failure;
      return "";
    }
  }
}
