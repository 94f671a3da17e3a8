import type { SentBytes } from "../../streams/playback.ts";
import type { Traffic } from "../../sessions/session.ts";

/**
 * So many numbers lie in one piece of memory. It is kept as long as one session or playback has a place there, so a large
 * piece could be held by one player for long; and each is a message.
 */
const PIECE = 128;

/** A piece of memory, as both isolates see it. */
type Numbers = Float64Array<SharedArrayBuffer>;

/** Where numbers lie that the main isolate sees; one writer each. */
export interface Place {
  readonly numbers: Numbers;
  readonly at: number;
}

/**
 * Numbers that a worker writes once in a while, and the main isolate reads when somebody wants to know: messages about
 * thousands of players would cost both isolates more than all else that is counted.
 *
 * They are read without a lock, as they were a moment ago; whoever has a message that was sent after one was written reads it
 * as it is. No place is used twice: a piece goes when nothing has a place in it any more, in either isolate.
 */
export class SharedNumbers {
  readonly #share: (memory: SharedArrayBuffer) => void;
  #newest?: Numbers;
  #used = PIECE;

  /** `share` tells the main isolate of the piece where all places are from then on. */
  constructor(share: (memory: SharedArrayBuffer) => void) {
    this.#share = share;
  }

  /** A place for so many numbers; the main isolate must be told of it before another one is taken. */
  take(count: number): Place {
    if (!this.#newest || this.#used + count > PIECE) {
      this.#newest = new Float64Array(new SharedArrayBuffer(PIECE * Float64Array.BYTES_PER_ELEMENT));
      this.#used = 0;
      this.#share(this.#newest.buffer);
    }
    const at = this.#used;
    this.#used += count;
    return { numbers: this.#newest, at };
  }
}

/** The numbers of a worker as the main isolate finds them. */
export class NumbersElsewhere {
  #newest: Numbers = new Float64Array(new SharedArrayBuffer(0));

  /** All places are in this piece from now on. */
  add(memory: SharedArrayBuffer): void {
    this.#newest = new Float64Array(memory);
  }

  /** What goes through a session: {@linkcode TRAFFIC} numbers from `at` on. */
  traffic(at: number): Traffic {
    return new TrafficElsewhere(this.#newest, at);
  }

  /** What a player is sent: {@linkcode SENT} numbers from `at` on. */
  sent(at: number): SentBytes {
    return new SentElsewhere(this.#newest, at);
  }
}

/** How many numbers a session has. */
export const TRAFFIC = 2;

/** Writes what has gone through a session. */
export function shareTraffic({ numbers, at }: Place, { bytesIn, bytesOut }: Traffic): void {
  numbers[at] = bytesIn;
  numbers[at + 1] = bytesOut;
}

class TrafficElsewhere implements Traffic, Place {
  constructor(readonly numbers: Numbers, readonly at: number) {}

  get bytesIn(): number {
    return this.numbers[this.at];
  }

  get bytesOut(): number {
    return this.numbers[this.at + 1];
  }
}

/** How many numbers a playback has. */
export const SENT = 1;

/** Writes what a player has been sent. */
export function shareSent({ numbers, at }: Place, { bytes }: SentBytes): void {
  numbers[at] = bytes;
}

class SentElsewhere implements SentBytes, Place {
  constructor(readonly numbers: Numbers, readonly at: number) {}

  get bytes(): number {
    return this.numbers[this.at];
  }
}
