import type { Clock, Timer } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { Logger } from "../../kernel/log/log.ts";
import { whenAborted } from "../../kernel/reasons.ts";
import { Backoff } from "../shared/relay/backoff.ts";
import type { NodeReport } from "./report.ts";
import type { ClusterStore } from "./store.ts";
import type { ClusterView } from "./view.ts";

/** What a membership works with. */
export interface MembershipHost {
  readonly clock: Clock;
  readonly log: Logger;
  /** By which the nodes know each other at first. */
  readonly store: ClusterStore;
  readonly view: ClusterView;
  /** From one report to the next, in milliseconds; it may change. */
  readonly beatMs: number;
  /** How this node is now. */
  report(): NodeReport;
}

/** No answer of the store within so many milliseconds is none: a beat or two are missed, and no node is given up for it. */
const ANSWER_MS = 2500;

/** Out of turn the store is asked no more often than this, in milliseconds, however many players wait for streams that nobody has. */
const GAP_MS = 100;

/** The longest pause before a store that does not answer is asked again, in milliseconds. */
const MOST_PAUSE_MS = 5000;

/** How long taking leave of the store may take, in milliseconds: a server that stops waits for it. */
const LEAVE_MS = 1000;

/** Tells the store how this node is, beat by beat, and brings the view what the store knows of the others. */
export class Membership implements AsyncDisposable {
  readonly #host: MembershipHost;
  readonly #pause: Backoff;
  #store: ClusterStore;
  #moving: Promise<void> = Promise.resolve();
  #timer?: Timer;
  #running?: Promise<void>;
  #next?: Promise<void>;
  #problem?: string;
  #askedAt = -Infinity;
  readonly #ending = new AbortController();

  constructor(host: MembershipHost) {
    this.#host = host;
    this.#store = host.store;
    this.#pause = new Backoff({ firstMs: host.beatMs, mostMs: Math.max(MOST_PAUSE_MS, host.beatMs) });
  }

  /** How people call the store. */
  get store(): string {
    return this.#store.name;
  }

  /** Why the store does not answer, in words; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Tells how this node is, and goes on to do so; settles when the store has answered, or has not. */
  start(): Promise<void> {
    return this.refresh();
  }

  /** Something has changed here that others should know at once. */
  tell(): void {
    void this.refresh();
  }

  /** Settles when what the store knows now is in the view; at once while the store does not answer. */
  refresh(): Promise<void> {
    if (this.#isOver || this.#problem !== undefined) return Promise.resolve();
    return this.#next ??= this.#soon();
  }

  /** Goes over to another store; nodes that come after this one count as long as those do of which nothing is heard. */
  move(store: ClusterStore): void {
    this.#moving = this.#moving.then(() => this.#move(store));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#timer?.[Symbol.dispose]();
    await this.#moving;
    await this.#running;
    await this.#leave(this.#store, this.#problem === undefined);
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  async #move(store: ClusterStore): Promise<void> {
    while (this.#running) await this.#running;
    const [before, isAnswering] = [this.#store, this.#problem === undefined];
    this.#store = store;
    this.#problem = undefined;
    this.#pause.reset();
    this.#host.log.info(`${store.name} is what the nodes know each other by from now on`);
    await Promise.all([this.refresh(), this.#leave(before, isAnswering)]);
  }

  async #leave(store: ClusterStore, isAnswering: boolean): Promise<void> {
    if (isAnswering) await this.#within(LEAVE_MS, store.leave(this.#host.report().id)).catch(() => {});
    await store[Symbol.asyncDispose]();
  }

  /** Asks as soon as may be, with what is true then. */
  async #soon(): Promise<void> {
    await this.#running;
    await this.#gap();
    while (this.#running) await this.#running;
    this.#next = undefined;
    if (this.#problem === undefined) await this.#exchange();
  }

  async #gap(): Promise<void> {
    const { clock } = this.#host;
    const ms = this.#askedAt + GAP_MS - clock.now();
    if (ms <= 0) return;
    const over = Promise.withResolvers<void>();
    using _timer = clock.setTimeout(over.resolve, ms);
    using _ending = whenAborted(this.#ending.signal, over.resolve);
    await over.promise;
  }

  #exchange(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#askedAt = this.#host.clock.now();
    this.#timer?.[Symbol.dispose]();
    const running = this.#running = this.#exchangeOnce().finally(() => {
      this.#running = undefined;
      if (!this.#isOver) this.#timer = this.#host.clock.setTimeout(() => void this.#exchange(), this.#untilNextMs());
    });
    return running;
  }

  /** A beat is from question to question, however long the answer takes: others wait for no more than three. */
  #untilNextMs(): number {
    if (this.#problem !== undefined) return this.#pause.next();
    const { beatMs, clock } = this.#host;
    return Math.max(GAP_MS, this.#askedAt + beatMs - clock.now());
  }

  async #exchangeOnce(): Promise<void> {
    const { view } = this.#host;
    view.ask();
    try {
      const reports = await this.#within(ANSWER_MS, this.#store.exchange(this.#host.report()));
      this.#answered();
      view.take(reports);
    } catch (error) {
      this.#failed(errorText(error));
      view.lose();
    }
  }

  #answered(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#pause.reset();
    this.#host.log.info(`${this.#store.name}, by which the nodes know each other, answers again`);
  }

  /** Said once, however long it lasts. */
  #failed(why: string): void {
    if (this.#problem === undefined && !this.#isOver) {
      this.#host.log.warn(
        `${this.#store.name}, by which the nodes know each other, does not answer: ${why}. What flows goes on, and ` +
          "what was known of the others counts for a while",
      );
    }
    this.#problem = why;
  }

  async #within<T>(ms: number, promise: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    using _timer = this.#host.clock.setTimeout(
      () => late.reject(new Error(`it has not answered within ${ms / 1000} s`)),
      ms,
    );
    promise.catch(() => {});
    return await Promise.race([promise, late.promise]);
  }
}
