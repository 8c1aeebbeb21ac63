import type { Logger } from "../shared/logger.ts";
import type { ServerInfo } from "./infoReply.ts";
import { toleratedLinkDownSeconds } from "./linkAge.ts";
import type { Observation } from "./observe.ts";
import { PROMOTABLE_PRIORITY } from "./roleConf.ts";

/** Priority of a replica that Sentinel is never to promote. */
const NEVER_PROMOTED = 0;

/**
 * How far below the limit a link's age must have come before the priority rises again: ages are whole seconds and views
 * up to a second old, and a priority that goes up and down at the limit would block everybody.
 */
const RAISE_MARGIN_SECONDS = 2;

/** What a PriorityKeeper works with. */
export interface PriorityKeeperArgs {
  /** What is tolerated while no Sentinel says more, in seconds. */
  readonly linkDownLimitSeconds: number;
  readonly observe: () => Promise<Observation>;
  /** Sets the own server's replica-priority. */
  readonly setPriority: (priority: number) => Promise<void>;
  readonly logger: Logger;
}

/** What a replica held when its priority was lowered. */
interface Copied {
  readonly runId: string;
  readonly replicationId: string;
  readonly offset: number;
}

/**
 * Keeps the own replica's priority true: above zero exactly while Sentinel would promote it. A replica that says it can be
 * promoted makes everybody else wait for that; one that Sentinel passes over must not, or the set never gets a primary.
 */
export class PriorityKeeper {
  readonly #args: PriorityKeeperArgs;
  #lowered: Copied | null = null;

  constructor(args: PriorityKeeperArgs) {
    this.#args = args;
  }

  /**
   * Looks at one sample of the running server and sets the priority where it is wrong.
   * @param isChosen whether a replica that never had its link is promotable all the same, as the choice of a cold start
   * @returns whether the priority may rise or just rose, so that the next sample should come soon
   */
  async keep(info: ServerInfo, isChosen: (seen: Observation) => boolean): Promise<boolean> {
    if (info.role === "primary") {
      this.#lowered = null;
      return false;
    }
    if (info.linkUp) return this.#keepLinked(info);
    const { linkDownLimitSeconds: leastSeconds } = this.#args;
    const ageSeconds = info.linkDownSeconds ?? 0;
    // An ordinary failover is over long before; nobody need be asked during one.
    if (info.priority > 0 && ageSeconds <= leastSeconds) return false;
    const seen = await this.#args.observe();
    const limitSeconds = toleratedLinkDownSeconds(seen.sentinels, leastSeconds);
    if (info.priority > 0) {
      if (ageSeconds > limitSeconds) await this.#lower(info, limitSeconds);
      return false;
    }
    const tolerable = ageSeconds <= Math.max(0, limitSeconds - RAISE_MARGIN_SECONDS);
    if (info.loading || !tolerable) return false;
    if (this.#holdsTheSame(info) || isChosen(seen)) await this.#raise(info);
    return true;
  }

  /** A replica with its link up holds what its primary holds. */
  async #keepLinked(info: ServerInfo): Promise<boolean> {
    if (info.loading) return false;
    this.#lowered = null;
    if (info.priority > NEVER_PROMOTED) return false;
    await this.#raise(info);
    return true;
  }

  async #lower(info: ServerInfo, limitSeconds: number): Promise<void> {
    await this.#args.setPriority(NEVER_PROMOTED);
    const { runId, replicationId, offset, linkDownSeconds } = info;
    // A server that loads is about to hold something else.
    this.#lowered = info.loading ? null : { runId, replicationId, offset };
    this.#args.logger.warn(
      { linkDownSeconds, limitSeconds },
      "this replica may not be promoted any more: its link is down for longer than Sentinel tolerates",
    );
  }

  async #raise(info: ServerInfo): Promise<void> {
    await this.#args.setPriority(PROMOTABLE_PRIORITY);
    this.#lowered = null;
    this.#args.logger.info({ linkUp: info.linkUp }, "this replica may be promoted from now on");
  }

  /** Whether nothing was copied, not even in part, since the priority was lowered: the copy is as good as then. */
  #holdsTheSame(info: ServerInfo): boolean {
    const then = this.#lowered;
    return (
      then?.runId === info.runId && then.replicationId === info.replicationId && then.offset === info.offset
    );
  }
}
