import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent, writeAtomically } from "./files.ts";
import { decidedIn, renderRoleConf, type StartVerdict } from "./roleConf.ts";
import type { Decided } from "./situation.ts";
import type { Address } from "./topology.ts";

const REQUEST_FILE = "start-request";
const ANSWER_FILE = "role.conf";
const REFUSAL_FILE = "refusal";

/** The files through which the supervisor script and the agent talk, in a directory that both containers mount. */
export class Mailbox {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The id of the supervisor's latest request to start; null before its first. */
  async request(): Promise<string | null> {
    const id = (await readIfPresent(join(this.#directory, REQUEST_FILE)))?.trim();
    return id === undefined || id === "" ? null : id;
  }

  /** What a request was answered with, possibly by this agent's predecessor; null when it is still open. */
  async answerTo(requestId: string): Promise<Decided> {
    const text = await readIfPresent(join(this.#directory, ANSWER_FILE));
    return text === null ? null : decidedIn(text, requestId);
  }

  /** Lets the supervisor start; an earlier refusal ends. */
  async answer(requestId: string, verdict: StartVerdict, announce: Address): Promise<void> {
    await rm(join(this.#directory, REFUSAL_FILE), { force: true });
    const path = join(this.#directory, ANSWER_FILE);
    await writeAtomically(path, renderRoleConf(requestId, verdict, announce));
  }

  /** Leaves a refusal for humans to read in the container. */
  async refuse(text: string): Promise<void> {
    await writeAtomically(join(this.#directory, REFUSAL_FILE), text);
  }
}
