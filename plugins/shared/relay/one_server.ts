import { ClientError } from "../../../kernel/sessions/client.ts";
import { Backoff } from "./backoff.ts";
import { leadsBack } from "./hops.ts";
import type { TargetPolicy } from "./target.ts";

const PAUSE = { firstMs: 1000, mostMs: 30_000 };

/** A server that said no seldom changes its mind, and platforms lock out who asks too often. */
const REFUSED_PAUSE = { firstMs: 10_000, mostMs: 300_000 };

/** A connection that lasted so long was a good one, in milliseconds, … */
const GOOD_MS = 10_000;

/** … if that was so many times the last pause: two that take a server from each other have connections as long as that. */
const GOOD_PAUSES = 4;

/** A target that is always the same server, which is asked ever more seldom while it fails. */
export class OneServer implements TargetPolicy {
  readonly address: string;
  readonly #pause: Backoff;
  readonly #refusedPause: Backoff;

  /** `random` is between 0 and 1, for the jitter. */
  constructor(address: string, random?: () => number) {
    this.address = address;
    this.#pause = new Backoff({ ...PAUSE, random });
    this.#refusedPause = new Backoff({ ...REFUSED_PAUSE, random });
  }

  next(): string {
    return this.address;
  }

  pauseAfter(failure: Error, liveMs = 0): number {
    for (const pause of [this.#pause, this.#refusedPause]) {
      if (liveMs >= Math.max(GOOD_MS, GOOD_PAUSES * pause.last)) pause.reset();
    }
    // Nothing but another publisher changes it.
    if (leadsBack(failure)) return REFUSED_PAUSE.mostMs;
    const isRefused = failure instanceof ClientError && failure.isRefusal && failure.code !== "left";
    return (isRefused ? this.#refusedPause : this.#pause).next();
  }
}
