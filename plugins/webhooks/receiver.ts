import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log/log.ts";
import type { Outbox } from "./outbox.ts";

/** Delivers a message once; throws, or rejects, with what went wrong. */
export type Deliver = (body: string, signal: AbortSignal) => Promise<void>;

/** What a receiver is made of. */
export interface ReceiverOptions {
  /** Its name in the outbox: it has to be the same after a restart. */
  readonly name: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly deliver: Deliver;
  /** After so long a message is given up, in milliseconds. */
  readonly giveUpMs: number;
  /** Between 0 and 1, for the jitter of pauses. */
  readonly random?: () => number;
}

/** Deliveries to one receiver at once: enough for many streams, too few to harm it. */
const MAX_AT_ONCE = 8;

/** The pause after the first failure, in milliseconds; each one doubles it. */
const FIRST_PAUSE_MS = 1000;

/** The longest pause, in milliseconds: a receiver that is back is found so soon. */
const MAX_PAUSE_MS = 300_000;

/**
 * Delivers what is in the outbox for one receiver: at least once, in order within a lane, lanes side by side.
 *
 * A lane whose first message fails waits and tries again, ever more seldom, until it is delivered or given up; other lanes go on.
 */
export class Receiver implements AsyncDisposable {
  readonly #options: ReceiverOptions;
  readonly #lanes = new Map<string, number[]>();
  readonly #ready: string[] = [];
  readonly #controller = new AbortController();
  readonly #timers = new Set<Disposable>();
  readonly #running = new Set<Promise<void>>();
  /** Lanes whose first message has failed and waits. */
  readonly #troubled = new Set<string>();

  /** What waits from an earlier run is delivered first. */
  constructor(options: ReceiverOptions) {
    this.#options = options;
    for (const { id, lane } of options.outbox.waiting(options.name)) this.#line(lane, id);
    this.#go();
  }

  /** Takes a message that is to be delivered; it is on the disk when this returns. */
  put(lane: string, body: string): void {
    const { outbox, name, clock } = this.#options;
    this.#line(lane, outbox.put(name, lane, body, clock.date().getTime()));
    this.#go();
  }

  /** Settles when all that can be delivered now has been tried. */
  async idle(): Promise<void> {
    await Promise.resolve();
    while (this.#running.size > 0) await Promise.race(this.#running);
  }

  /** Lets deliveries that are under way go; what is not delivered stays in the outbox. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new Error("the server is stopping"));
    for (const timer of this.#timers) timer[Symbol.dispose]();
    await Promise.all(this.#running);
  }

  #line(name: string, id: number): void {
    const lane = this.#lanes.get(name);
    if (lane) return void lane.push(id);
    this.#lanes.set(name, [id]);
    this.#ready.push(name);
  }

  #go(): void {
    while (this.#running.size < MAX_AT_ONCE && this.#ready.length > 0 && !this.#controller.signal.aborted) {
      const name = this.#ready.shift()!;
      const running: Promise<void> = this.#work(name).finally(() => {
        this.#running.delete(running);
        this.#go();
      });
      this.#running.add(running);
    }
  }

  /** Delivers the first message of a lane, and puts the lane back into the row when there is more. */
  async #work(name: string): Promise<void> {
    const lane = this.#lanes.get(name)!;
    const pauseMs = await this.#attempt(name, lane[0]);
    if (this.#controller.signal.aborted) return;
    if (pauseMs === undefined) lane.shift();
    if (lane.length === 0) this.#lanes.delete(name);
    else if (pauseMs === undefined) this.#ready.push(name);
    else this.#later(name, pauseMs);
  }

  #later(name: string, ms: number): void {
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.#ready.push(name);
      this.#go();
    }, ms);
    this.#timers.add(timer);
  }

  /** Tries to deliver a message; how long to wait when it failed, undefined when it need not be tried again. */
  async #attempt(lane: string, id: number): Promise<number | undefined> {
    const { outbox, deliver, clock, giveUpMs } = this.#options;
    const message = outbox.get(id);
    if (!message) return undefined;
    try {
      await deliver(message.body, this.#controller.signal);
      outbox.done(id);
      this.#recovered(lane);
      return undefined;
    } catch (error) {
      if (this.#controller.signal.aborted) return undefined;
      const problem = error instanceof Error ? error.message : String(error);
      outbox.failed(id);
      const now = clock.date().getTime();
      const pauseMs = this.#pause(message.attempts);
      if (now + pauseMs - message.since < giveUpMs) return this.#failed(lane, problem, pauseMs);
      outbox.bury(id, problem, now);
      this.#troubled.delete(lane);
      this.#options.log.error(
        `A message to ${this.#options.name} is given up after ${message.attempts + 1} attempts: ${problem}`,
      );
      return undefined;
    }
  }

  #pause(attempts: number): number {
    const { random = Math.random } = this.#options;
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 20));
    return pause * (0.5 + random() / 2);
  }

  /** The first failure of many is worth a line, and so is their end. */
  #failed(lane: string, problem: string, pauseMs: number): number {
    if (this.#troubled.size === 0) {
      this.#options.log.warn(`${this.#options.name} does not take messages: ${problem}; they wait and are tried again`);
    }
    this.#troubled.add(lane);
    return pauseMs;
  }

  #recovered(lane: string): void {
    if (!this.#troubled.delete(lane) || this.#troubled.size > 0) return;
    this.#options.log.info(`${this.#options.name} takes messages again`);
  }
}
