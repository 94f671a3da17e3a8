import { setImmediate } from "node:timers";
import type { PullClient } from "../../../kernel/sessions/client.ts";
import { type Clock, every } from "../../../kernel/clock.ts";
import type { Publication } from "../../../kernel/streams/publication.ts";
import { PictureFirst } from "./picture_first.ts";
import { LIVE_JOIN_MS, PulledStream } from "./pulled_stream.ts";

/** How often it is looked whether a connection is to be left, in milliseconds. */
const LOOK_MS = 250;

/** What becomes of what a connection brings. */
export interface FeedPlan<Reason> {
  /** What it is written into; asked when something has come that is new. */
  publication(): Publication;
  /** Something has come that is new. */
  onNews?(): void;
  /** Why the connection is to be left, if it is; looked at again and again. */
  leave(): Reason | undefined;
}

/** Writes what comes over one connection after the other into one publication, as one live stream with one time. */
export class PulledFeed {
  readonly #clock: Clock;
  readonly #first = new PictureFirst();
  readonly #pulled = new PulledStream(LIVE_JOIN_MS);
  #newestAt: number;
  #readingSince = -Infinity;
  #isFlushing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#newestAt = clock.now();
  }

  /** When anything came last, new or not. */
  get newestAt(): number {
    return this.#newestAt;
  }

  /** For how long the connection that is read has brought nothing, in milliseconds. */
  get silentMs(): number {
    return this.#clock.now() - Math.max(this.#readingSince, this.#newestAt);
  }

  /** Reads a connection until it ends or is left; gives why it was left. */
  async read<Reason>(client: PullClient, plan: FeedPlan<Reason>): Promise<Reason | undefined> {
    let reason: Reason | undefined;
    this.#readingSince = this.#clock.now();
    using _look = every(this.#clock, LOOK_MS, () => {
      reason ??= plan.leave();
      if (reason !== undefined) client.destroy();
    });
    await this.#write(client, plan);
    return reason;
  }

  async #write(client: PullClient, { publication, onNews }: FeedPlan<unknown>): Promise<void> {
    let written: Publication | undefined;
    this.#pulled.begin();
    for await (const packet of client) {
      const now = this.#newestAt = this.#clock.now();
      for (const passed of this.#first.pass(packet, now)) {
        const news = this.#pulled.take(passed, now);
        if (!news) continue;
        written = publication();
        written.write(news);
        onNews?.();
        this.#flushSoon(written);
      }
      if (this.#first.isWaiting) onNews?.();
    }
    written?.flush();
  }

  /** Players are woken when all that has come together is written. */
  #flushSoon(publication: Publication): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      publication.flush();
    });
  }
}
