import type { Clock } from "./clock.ts";
import { Drain, type DrainOptions, type DrainPolicy, type DrainState } from "./drain.ts";
import type { Logger } from "./log/log.ts";
import type { HookBus } from "./plugin/hooks.ts";
import type { Refusal } from "./reasons.ts";
import type { Session, SessionInfo } from "./sessions/session.ts";

/** What draining takes from its server. */
export interface DrainingHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hooks: HookBus;
  readonly sessions: ReadonlySet<Session>;
}

/** Whether a server is being emptied: told and logged as often as that changes. */
export class Draining implements Disposable {
  /** What plugins have to say about it. */
  readonly policies: Set<DrainPolicy> = new Set();
  readonly #host: DrainingHost;
  #drain?: Drain;

  constructor(host: DrainingHost) {
    this.#host = host;
  }

  /** How far it is; undefined while everybody is let in. */
  get state(): DrainState | undefined {
    return this.#drain && { since: this.#drain.since, sessions: this.#host.sessions.size };
  }

  /** Begins, or goes on in another way. */
  begin(options: DrainOptions): void {
    const { clock, log, hooks, sessions } = this.#host;
    const wasDraining = this.#drain !== undefined;
    this.#drain?.[Symbol.dispose]();
    this.#drain = new Drain(options, clock, sessions, this.policies);
    if (wasDraining) return;
    log.warn("The server is being emptied: it lets nobody in", { sessions: sessions.size });
    hooks.tell("server:drain", { isDraining: true });
  }

  /** Lets everybody in again. */
  end(): void {
    if (!this.#drain) return;
    this[Symbol.dispose]();
    this.#host.log.info("The server lets everybody in again");
    this.#host.hooks.tell("server:drain", { isDraining: false });
  }

  /** What a newcomer is told that is not let in; undefined for one that is. */
  refusal(info: SessionInfo): Refusal | undefined {
    return this.#drain?.refusal(info);
  }

  [Symbol.dispose](): void {
    this.#drain?.[Symbol.dispose]();
    this.#drain = undefined;
  }
}
