import type { Clock, Timer } from "../clock.ts";
import type { Post } from "./messages.ts";

/** Several messages that cross as one, in the order in which they were sent. */
export interface Together<T> {
  readonly type: "together";
  readonly messages: readonly T[];
}

/** What crosses: one message, or several as one. */
export type Crossing<T> = T | Together<T>;

/**
 * Messages on their way to another isolate. Each costs both sides more than what it carries, so those that may wait are
 * gathered and cross as one.
 *
 * The invariant: they arrive in the order in which they were sent, whether they waited or not.
 */
export class Outbox<T> {
  readonly #cross: (crossing: Crossing<T>, transfer: Transferable[]) => void;
  readonly #clock: Clock;
  #messages: T[] = [];
  #transfer: Transferable[] = [];
  /** When what waits goes off at the latest. */
  #due = Infinity;
  #timer?: Timer;

  /** `cross` takes it to the other side. */
  constructor(cross: (crossing: Crossing<T>, transfer: Transferable[]) => void, clock: Clock) {
    this.#cross = cross;
    this.#clock = clock;
  }

  /** Sends a message, after what waits, or has it wait; throws when it cannot be copied. */
  readonly post: Post<T> = (message, transfer = [], waitMs) => {
    if (waitMs !== undefined) return this.#wait(message, transfer, waitMs);
    this.#send();
    this.#cross(message, transfer);
  };

  #wait(message: T, transfer: readonly Transferable[], waitMs: number): void {
    this.#messages.push(message);
    this.#transfer.push(...transfer);
    const due = this.#clock.now() + waitMs;
    if (due >= this.#due) return;
    this.#due = due;
    this.#timer?.[Symbol.dispose]();
    this.#timer = waitMs > 0 ? this.#clock.setTimeout(this.#send, waitMs) : undefined;
    if (waitMs === 0) queueMicrotask(this.#send);
  }

  readonly #send = (): void => {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#due = Infinity;
    if (this.#messages.length === 0) return;
    const [messages, transfer] = [this.#messages, this.#transfer];
    this.#messages = [];
    this.#transfer = [];
    this.#cross(messages.length > 1 ? { type: "together", messages } : messages[0], transfer);
  };
}

/** Takes what has crossed, one message after the other; one that cannot be taken does not keep the others from it. */
export function takeEach<T extends { readonly type: string }>(crossing: Crossing<T>, take: (message: T) => void): void {
  if (!isTogether(crossing)) return take(crossing);
  for (const message of crossing.messages) {
    try {
      take(message);
    } catch (error) {
      reportError(error);
    }
  }
}

function isTogether<T extends { readonly type: string }>(crossing: Crossing<T>): crossing is Together<T> {
  return crossing.type === "together";
}
