import { type Clock, every, type Timer } from "../clock.ts";
import type { StreamKey } from "../names.ts";
import type { OpenPublication } from "./publication.ts";
import { RateWatch } from "./rate_watch.ts";
import { Closed } from "../reasons.ts";
import type { LiveStream } from "./live_stream.ts";

/** How often publishers' rates are looked at, in milliseconds. */
const RATE_CHECK_MS = 1000;

/** Who publishes just now; one that sends more than its stream may have is sent away. */
export class Publications {
  readonly #clock: Clock;
  readonly #limitKbps: (key: StreamKey) => number;
  readonly #open = new Map<OpenPublication, RateWatch>();
  #watching?: Timer;

  /** `limitKbps` says how many kilobits per second a stream may have, 0 for no limit. */
  constructor(clock: Clock, limitKbps: (key: StreamKey) => number) {
    this.#clock = clock;
    this.#limitKbps = limitKbps;
  }

  /** A publication begins. */
  add(publication: OpenPublication): void {
    this.#open.set(publication, new RateWatch());
    this.#watching ??= every(this.#clock, RATE_CHECK_MS, () => this.#watchRates());
  }

  /** A publication has ended. */
  delete(publication: OpenPublication): void {
    this.#open.delete(publication);
    if (this.#open.size > 0) return;
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
  }

  /** The one that a stream has. */
  of(stream: LiveStream): OpenPublication | undefined {
    return this.#open.keys().find((publication) => publication.stream === stream);
  }

  /** Ends all of them, and their streams. */
  abort(closed: Closed): void {
    for (const publication of [...this.#open.keys()]) publication.abort(closed);
  }

  #watchRates(): void {
    for (const [publication, watch] of this.#open) {
      const words = watch.look(publication.bytes, this.#limitKbps(publication.stream.key));
      if (words === undefined) continue;
      publication.abort(new Closed("limit", words));
      publication.session.close("limit", words);
    }
  }
}
