import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { Logger } from "../../kernel/log/log.ts";
import type { Outbox, Waiting } from "./outbox.ts";

/** Delivers a message once; throws, or rejects, with what went wrong. */
export type Deliver = (body: string, signal: AbortSignal) => Promise<void>;

/** What a receiver is made of. */
export interface ReceiverOptions {
  /** Its name in the outbox: it has to be the same after a restart. */
  readonly name: string;
  /** What the log calls it, without keys; its name when absent. */
  readonly shownName?: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly deliver: Deliver;
  /** After so long a message is given up, in milliseconds. */
  readonly giveUpMs: number;
  /** So many messages may wait; by default 100,000. */
  readonly maxWaiting?: number;
  /** Between 0 and 1, for the jitter of pauses. */
  readonly random?: () => number;
}

/** Deliveries to one receiver at once: enough for many streams, too few to harm it. */
const MAX_AT_ONCE = 8;

/** The pause after the first failure, in milliseconds; each one doubles it. */
const FIRST_PAUSE_MS = 1000;

/** The longest pause, in milliseconds: a receiver that is back is found so soon. */
const MAX_PAUSE_MS = 300_000;

/** After so many failures in a row, whatever the lanes, the receiver itself is taken to be down. */
const DOWN_AFTER = 8;

/** Messages that wait for one receiver: a day of a busy server, and no disk that fills up while nobody looks. */
const MAX_WAITING = 100_000;

/**
 * Delivers what is in the outbox for one receiver: at least once, in order within a lane, lanes side by side.
 *
 * A lane whose first message fails waits and tries again, ever more seldom, until it is delivered or given up; other lanes go on.
 * When nothing is taken at all, the receiver is tried with one message at a time, ever more seldom, however many lanes there are.
 * A database that fails costs messages, in words, and never harms who told them.
 */
export class Receiver implements AsyncDisposable {
  readonly #options: ReceiverOptions;
  readonly #shownName: string;
  readonly #lanes = new Map<string, number[]>();
  readonly #ready: string[] = [];
  readonly #controller = new AbortController();
  readonly #timers = new Set<Disposable>();
  readonly #running = new Set<Promise<void>>();
  /** Lanes whose first message has failed and waits. */
  readonly #troubled = new Set<string>();
  #waiting = 0;
  #lost = 0;
  /** In a row. */
  #failures = 0;
  /** When it is down: not to be tried before. */
  #quietUntil = -Infinity;

  /** What waits from an earlier run is delivered first. */
  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#shownName = options.shownName ?? options.name;
    for (const { id, lane } of options.outbox.waiting(options.name)) this.#line(lane, id);
    this.#go();
  }

  /** Takes a message that is to be delivered; it is on the disk when this returns, or lost, as the log then says. */
  put(lane: string, body: string): void {
    const { outbox, name, clock, maxWaiting = MAX_WAITING } = this.#options;
    if (this.#waiting >= maxWaiting) return this.#lose(`${maxWaiting} wait for it already`);
    try {
      this.#line(lane, outbox.put(name, lane, body, clock.date().getTime()));
    } catch (error) {
      return this.#lose(errorText(error));
    }
    this.#kept();
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

  get #isDown(): boolean {
    return this.#failures >= DOWN_AFTER;
  }

  /** Whether one more message may be on its way. */
  get #hasRoom(): boolean {
    if (!this.#isDown) return this.#running.size < MAX_AT_ONCE;
    return this.#running.size === 0 && this.#options.clock.now() >= this.#quietUntil;
  }

  #line(name: string, id: number): void {
    this.#waiting++;
    const lane = this.#lanes.get(name);
    if (lane) return void lane.push(id);
    this.#lanes.set(name, [id]);
    this.#ready.push(name);
  }

  #unline(lane: number[]): void {
    lane.shift();
    this.#waiting--;
  }

  #go(): void {
    while (this.#ready.length > 0 && this.#hasRoom && !this.#controller.signal.aborted) {
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
    const pauseMs = await this.#first(name, lane);
    if (this.#controller.signal.aborted) return;
    if (lane.length === 0) this.#forget(name);
    else if (pauseMs === undefined) this.#ready.push(name);
    else this.#after(pauseMs, () => this.#ready.push(name));
  }

  #forget(name: string): void {
    this.#lanes.delete(name);
    this.#troubled.delete(name);
  }

  #after(ms: number, then: () => void): void {
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(timer);
      then();
      this.#go();
    }, ms);
    this.#timers.add(timer);
  }

  /** Tries the first message of a lane; how long the lane is to wait when it failed. */
  async #first(name: string, lane: number[]): Promise<number | undefined> {
    let message: Waiting | undefined;
    try {
      while (lane.length > 0 && !(message = this.#options.outbox.get(lane[0]))) this.#unline(lane);
      if (!message) return undefined;
      await this.#options.deliver(message.body, this.#controller.signal);
    } catch (error) {
      if (this.#controller.signal.aborted) return undefined;
      return this.#failed(name, lane, message, errorText(error));
    }
    this.#unline(lane);
    this.#ledger(() => this.#options.outbox.done(message.id));
    this.#recovered(name);
  }

  /** What was tried in vain waits, or is given up. */
  #failed(name: string, lane: number[], message: Waiting | undefined, problem: string): number | undefined {
    const { outbox, clock, giveUpMs } = this.#options;
    this.#complain(name, problem);
    this.#calmDown();
    const pauseMs = this.#pause(message?.attempts ?? 0);
    if (!message) return pauseMs;
    this.#ledger(() => outbox.failed(message.id));
    const now = clock.date().getTime();
    if (now + pauseMs - message.since < giveUpMs) return pauseMs;
    this.#unline(lane);
    this.#troubled.delete(name);
    this.#ledger(() => this.#giveUp(message, problem, now, now + pauseMs - giveUpMs));
  }

  /** When nothing is taken at all, what is as old as this message will not be taken either. */
  #giveUp(message: Waiting, problem: string, now: number, oldest: number): void {
    const { outbox, log, name } = this.#options;
    if (this.#isDown) {
      const count = outbox.buryOlder(name, oldest, problem, now);
      return log.error(`${count} messages to ${this.#shownName} are given up: ${problem}`);
    }
    outbox.bury(message.id, problem, now);
    const attempts = message.attempts + 1;
    log.error(`A message to ${this.#shownName} is given up after ${attempts} attempts: ${problem}`);
  }

  /** A receiver that takes nothing from anybody is left alone for a while. */
  #calmDown(): void {
    this.#failures++;
    if (!this.#isDown) return;
    const ms = this.#pause(this.#failures - DOWN_AFTER);
    this.#quietUntil = this.#options.clock.now() + ms;
    this.#after(ms, () => {});
  }

  #pause(attempts: number): number {
    const { random = Math.random } = this.#options;
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 20));
    return pause * (0.5 + random() / 2);
  }

  /** Keeps the books; when they cannot be kept, deliveries go on, and the next run may deliver once more. */
  #ledger(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#options.log.error(`The outbox of ${this.#shownName} cannot be written: ${errorText(error)}`);
    }
  }

  /** The first failure of many is worth a line, and so is their end. */
  #complain(lane: string, problem: string): void {
    if (this.#troubled.size === 0 && !this.#isDown) {
      this.#options.log.warn(`${this.#shownName} does not take messages: ${problem}; they wait and are tried again`);
    }
    this.#troubled.add(lane);
  }

  #recovered(lane: string): void {
    this.#failures = 0;
    if (!this.#troubled.delete(lane) || this.#troubled.size > 0) return;
    this.#options.log.info(`${this.#shownName} takes messages again`);
  }

  #lose(why: string): void {
    if (this.#lost++ === 0) this.#options.log.error(`Messages to ${this.#shownName} are lost: ${why}`);
  }

  #kept(): void {
    if (this.#lost === 0) return;
    this.#options.log.warn(`Messages to ${this.#shownName} are kept again; ${this.#lost} were lost`);
    this.#lost = 0;
  }
}
