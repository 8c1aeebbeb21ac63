import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../shared/logger.ts";
import type { Volume } from "./history.ts";
import type { HistoryRecorder } from "./historyRecorder.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Observation } from "./observe.ts";
import { lookAtOwnNode, type OwnNodeArgs } from "./ownNode.ts";
import { briefly, type RedisLink } from "./redisLink.ts";
import { refusalText } from "./refusal.ts";
import { PriorityKeeper } from "./priorityKeeper.ts";
import type { StartVerdict } from "./roleConf.ts";
import type { Decided, PeerView, Situation } from "./situation.ts";
import { memberNamed, type Topology } from "./topology.ts";
import { decide, type Verdict } from "./verdict.ts";

const REQUEST_POLL_MS = 200;
const VERDICT_POLL_MS = 400;
const SAMPLE_MS = 250;
/** A replica that has just copied its primary should be known as promotable before the next failover. */
const UNPROMOTABLE_SAMPLE_MS = 100;

/** What the agent of a Redis pod works with. */
export interface RedisAgentArgs {
  readonly topology: Topology;
  readonly self: string;
  readonly dataDirectory: string;
  readonly bootId: string;
  readonly timeoutSeconds: number;
  /** How long a replica's link may be down while no Sentinel says more, in seconds. */
  readonly linkDownLimitSeconds: number;
  /** The operator's present reason for accepting that data may be lost; asked for every verdict. */
  readonly acceptDataLoss: () => Promise<string>;
  readonly mailbox: Mailbox;
  readonly recorder: HistoryRecorder;
  readonly observe: () => Promise<Observation>;
  /** Connections to the redis-server of the same pod: one that may read, one that may set the priority. */
  readonly link: RedisLink;
  readonly adminLink: RedisLink;
  readonly logger: Logger;
}

/** What /status tells. */
export interface AgentStatus {
  readonly pod: string;
  readonly phase: "idle" | "deciding" | "started" | "refused";
  readonly verdict: string;
  readonly refusal: string;
}

/** The agent of a Redis pod: gives verdicts, records the history, keeps the replica's priority. */
export class RedisAgent {
  readonly #args: RedisAgentArgs;
  readonly #ownNode: OwnNodeArgs;
  readonly #priority: PriorityKeeper;
  #decided: Decided = null;
  #status: AgentStatus;

  constructor(args: RedisAgentArgs) {
    this.#args = args;
    this.#status = { pod: args.self, phase: "idle", verdict: "", refusal: "" };
    this.#ownNode = {
      dataDirectory: args.dataDirectory,
      link: args.link,
      bootId: args.bootId,
      decided: () => this.#decided,
    };
    this.#priority = new PriorityKeeper({
      linkDownLimitSeconds: args.linkDownLimitSeconds,
      observe: args.observe,
      setPriority: async (priority) => {
        await args.adminLink.ask((admin) => admin.config("SET", "replica-priority", priority));
      },
      logger: args.logger,
    });
  }

  /** For the status endpoint. */
  status(): AgentStatus {
    return this.#status;
  }

  /** The own node as peers are to see it. */
  async state(): Promise<PeerView> {
    return (await lookAtOwnNode(this.#ownNode)).view;
  }

  /** Works until the signal; a failing round is logged and the next one tries again. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#forever(signal, "answering the supervisor", () => this.#serveRequest(signal)),
      this.#forever(signal, "watching the own server", () => this.#watchServer()),
    ]);
  }

  async #forever(signal: AbortSignal, doing: string, round: () => Promise<number>): Promise<void> {
    let failure = "";
    while (!signal.aborted) {
      let pauseMs = VERDICT_POLL_MS;
      try {
        pauseMs = await round();
        failure = "";
      } catch (error) {
        const text = briefly(error);
        if (text !== failure) this.#args.logger.warn({ err: error }, `${doing} failed`);
        failure = text;
      }
      // The signal ends the pause by rejecting it; the loop then sees it too.
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One request from first look to answer; returns the pause until the next look in milliseconds. */
  async #serveRequest(signal: AbortSignal): Promise<number> {
    const { mailbox, logger, self } = this.#args;
    const requestId = await mailbox.request();
    this.#decided = requestId === null ? null : await mailbox.answerTo(requestId);
    if (requestId === null) return REQUEST_POLL_MS;
    if (this.#decided !== null) return REQUEST_POLL_MS;
    const startedMs = performance.now();
    this.#status = { pod: self, phase: "deciding", verdict: "", refusal: "" };
    let confirmed = "";
    while (!signal.aborted && (await mailbox.request()) === requestId) {
      const situation = await this.#situation((performance.now() - startedMs) / 1000);
      if (situation !== null) {
        const verdict = decide(situation);
        this.#note(verdict);
        if (verdict.kind === "refuse") await this.#refuse(situation, verdict.missing);
        if (isStart(verdict)) {
          // Starting as a primary, or as the one to be promoted, must be right twice in a row.
          const choice = choiceOf(verdict);
          if (choice === "replica" || choice === confirmed) {
            await this.#start(requestId, situation, verdict);
            logger.info({ verdict: choice, reason: verdict.reason }, "start verdict given");
            return REQUEST_POLL_MS;
          }
          confirmed = choice;
        } else {
          confirmed = "";
        }
      }
      await delay(VERDICT_POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    return 0;
  }

  async #start(requestId: string, situation: Situation, verdict: StartVerdict): Promise<void> {
    const { mailbox, recorder, topology, self, logger } = this.#args;
    if (verdict.acceptedLoss !== undefined) {
      logger.error(
        { reason: verdict.acceptedLoss, seen: refusalText(situation, "overridden") },
        "STARTING ALTHOUGH DATA MAY BE LOST, as bootstrap.acceptDataLoss demands",
      );
    }
    if (verdict.kind === "replica" && situation.own.kind === "empty") await recorder.markUnsynced();
    this.#decided = decidedBy(verdict);
    await mailbox.answer(requestId, verdict, memberNamed(topology.redis, self));
    this.#status = { ...this.#status, phase: "started", refusal: "" };
  }

  async #refuse(situation: Situation, missing: string): Promise<void> {
    const text = refusalText(situation, missing);
    const first = this.#status.phase !== "refused";
    // The file first: who sees the phase may look for it.
    await this.#args.mailbox.refuse(text);
    this.#status = { ...this.#status, phase: "refused", refusal: text };
    if (first) this.#args.logger.error({ missing }, text);
  }

  #note(verdict: Verdict): void {
    const { logger } = this.#args;
    const text =
      "missing" in verdict ? `waiting: ${verdict.missing}` : `${choiceOf(verdict)}: ${verdict.reason}`;
    if (text !== this.#status.verdict) logger.info({ verdict: verdict.kind }, text);
    this.#status = { ...this.#status, verdict: text };
  }

  /** What a verdict is to be made from; null while the own server still runs or hangs, or cannot be looked at. */
  async #situation(waitedSeconds: number): Promise<Situation | null> {
    const { view } = await lookAtOwnNode(this.#ownNode);
    if (view.kind !== "stopped") return null;
    const acceptDataLoss = await this.#args.acceptDataLoss();
    return this.#situationOf(view.volume, await this.#args.observe(), waitedSeconds, acceptDataLoss);
  }

  #situationOf(own: Volume, seen: Observation, waitedSeconds: number, acceptDataLoss: string): Situation {
    const { topology, self, timeoutSeconds } = this.#args;
    return { topology, self, own, ...seen, waitedSeconds, timeoutSeconds, acceptDataLoss };
  }

  /** Samples the running server; returns the pause until the next sample in milliseconds. */
  async #watchServer(): Promise<number> {
    const { info, view } = await this.#args.recorder.sample(() => lookAtOwnNode(this.#ownNode));
    if (info === null) return SAMPLE_MS;
    const waits = await this.#priority.keep(info, (seen) => this.#isChosen(view, seen));
    return waits ? UNPROMOTABLE_SAMPLE_MS : SAMPLE_MS;
  }

  /**
   * A candidate was chosen. A replica that never reached its primary may still turn out to hold the newest data of all, its
   * primary gone for good: it is then judged as if it were to start now.
   */
  #isChosen(own: PeerView, seen: Observation): boolean {
    if (this.#decided === "candidate") return true;
    if (own.kind === "unreachable") return false;
    const verdict = decide(this.#situationOf(own.volume, seen, 0, ""));
    return verdict.kind === "replica" && verdict.promotable;
  }
}

function isStart(verdict: Verdict): verdict is StartVerdict {
  return verdict.kind === "primary" || verdict.kind === "replica";
}

function decidedBy(verdict: StartVerdict): Exclude<Decided, null> {
  if (verdict.kind === "primary") return "primary";
  return verdict.promotable ? "candidate" : "replica";
}

function choiceOf(verdict: StartVerdict): string {
  if (verdict.kind === "primary") return "primary";
  return verdict.promotable ? `candidate under ${verdict.of.name}` : "replica";
}
