import { ClientError } from "../../../kernel/sessions/client.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { wordsOf } from "./address.ts";
import { meaningOf } from "./answers.ts";
import { Backoff } from "./backoff.ts";
import type { ServerChoice } from "./choice.ts";
import { GOOD_MS, RetryPace } from "./retry_pace.ts";
import { leadsBack } from "./hops.ts";
import type { TargetPolicy } from "./target.ts";

/** When no server could be had for long, each is asked ever more seldom. */
const LONG_PAUSE = { firstMs: 1000, mostMs: 30_000 };

/** What a stream that goes to one of several servers needs. */
export interface SeveralServersPlan {
  /** The stream's id. */
  readonly stream: string;
  readonly choice: ServerChoice;
  readonly clock: Pick<Clock, "now">;
  /** The address of the stream at a server. */
  addressAt(server: string): string;
  /** Every server has said no for good, this one last. */
  onRefused(words: string): void;
  /** Between 0 and 1, for the jitter of long pauses. */
  readonly random?: () => number;
}

/**
 * A target that is one of several servers: when one fails the stream goes to the next at once, twice without a pause and then
 * once a second; after ten seconds in vain ever more seldom, since its publisher is still there.
 */
export class SeveralServers implements TargetPolicy, Disposable {
  readonly #plan: SeveralServersPlan;
  readonly #longPause: Backoff;
  readonly #refusing = new Set<string>();
  readonly #pace: RetryPace;
  #server = "";
  #use?: Disposable;

  constructor(plan: SeveralServersPlan) {
    this.#plan = plan;
    this.#pace = new RetryPace(plan.clock);
    this.#longPause = new Backoff({ ...LONG_PAUSE, random: plan.random });
  }

  next(): string {
    const { choice, stream, addressAt } = this.#plan;
    this[Symbol.dispose]();
    this.#server = choice.next(stream);
    this.#use = choice.use(this.#server);
    return addressAt(this.#server);
  }

  pauseAfter(failure: Error, liveMs?: number): number {
    this.#plan.choice.bench(this.#server, this.#plan.stream);
    // Over HTTP and WebSocket a server says no only when something has been sent.
    if (liveMs !== undefined && liveMs >= GOOD_MS) this.#wasLive(liveMs);
    this.#note(failure, liveMs !== undefined);
    return this.#pace.isOver ? this.#longPause.next() : this.#pace.next();
  }

  /** The server in use is not any more. */
  [Symbol.dispose](): void {
    this.#use?.[Symbol.dispose]();
    this.#use = undefined;
  }

  #wasLive(ms: number): void {
    this.#pace.news(ms);
    this.#longPause.reset();
    this.#refusing.clear();
  }

  #note(failure: Error, wasLive: boolean): void {
    const { choice, addressAt, onRefused } = this.#plan;
    const isNo = failure instanceof ClientError && meaningOf(failure, wasLive) === "refused" && !leadsBack(failure);
    if (!isNo) return void this.#refusing.clear();
    this.#refusing.add(this.#server);
    if (this.#refusing.size >= choice.size) onRefused(wordsOf(failure, addressAt(this.#server)));
  }
}
