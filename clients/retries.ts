import { ClientError } from "../kernel/sessions/client.ts";
import type { Clock } from "../kernel/clock.ts";
import { whenAborted } from "../kernel/reasons.ts";
import { Backoff } from "../plugins/shared/relay/backoff.ts";
import { type Meaning, meaningOf } from "../plugins/shared/relay/answers.ts";

/** When a client comes back. */
export interface RetryOptions {
  /** Whether it comes back at all when the connection fails; by default true. */
  readonly reconnect?: boolean;
  /** Whether it also comes back when the server says no. */
  readonly keepTrying?: boolean;
  /** Between 0 and 1, for the jitter of the pauses. */
  readonly random?: () => number;
}

/** What is told of a pause: why, and how long it is. */
export type OnPause = (problem: string, seconds: number) => void;

const PAUSE = { firstMs: 500, mostMs: 30_000 };

/** A server that said no seldom changes its mind, and platforms lock out who asks too often. */
const REFUSED_PAUSE = { firstMs: 10_000, mostMs: 300_000 };

/** A connection that lasted so long was a good one, in milliseconds. */
const GOOD_MS = 10_000;

/** A server that refuses what it seemed to accept has done so within so many milliseconds. */
const PROVEN_MS = 3_000;

/** Decides, failure by failure, whether and when a client tries again. */
export class Retries {
  readonly #options: RetryOptions;
  readonly #clock: Clock;
  readonly #onPause: OnPause;
  readonly #pause: Backoff;
  readonly #refusedPause: Backoff;
  #liveAt?: number;
  #hasBeenLive = false;

  constructor(options: RetryOptions, clock: Clock, onPause: OnPause) {
    this.#options = options;
    this.#clock = clock;
    this.#onPause = onPause;
    this.#pause = new Backoff({ ...PAUSE, random: options.random });
    this.#refusedPause = new Backoff({ ...REFUSED_PAUSE, random: options.random });
  }

  /** The server has accepted. */
  live(): void {
    this.#liveAt = this.#clock.now();
  }

  /** Waits until it is time for the next attempt, or the signal aborts. Throws the error when there is to be none. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    if (!(error instanceof ClientError)) throw error;
    const meaning = meaningOf(error, this.#liveAt !== undefined);
    const liveMs = this.#liveAt === undefined ? 0 : this.#clock.now() - this.#liveAt;
    if (!this.#mayComeBack(meaning, liveMs)) throw error;
    if (liveMs >= GOOD_MS) this.#pause.reset();
    this.#hasBeenLive ||= liveMs >= PROVEN_MS;
    this.#liveAt = undefined;
    const ms = (meaning === "refused" ? this.#refusedPause : this.#pause).next();
    this.#onPause(error.message, ms / 1000);
    await sleep(this.#clock, ms, signal);
  }

  #mayComeBack(meaning: Meaning, liveMs: number): boolean {
    const { reconnect = true, keepTrying = false } = this.#options;
    if (keepTrying) return true;
    if (!reconnect) return false;
    // After a loss, what is taken may be this client's own publication, which the server still waits for; but one that was live
    // and hears of it has been replaced.
    return meaning === "temporary" || meaning === "taken" && this.#hasBeenLive && liveMs < PROVEN_MS;
  }
}

/** Settles after so many milliseconds, or when the signal aborts; never rejects. */
export async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = clock.setTimeout(resolve, ms);
  using _aborted = whenAborted(signal, resolve);
  await promise;
}
