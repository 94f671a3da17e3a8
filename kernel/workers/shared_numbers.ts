import type { SentBytes } from "../playback.ts";
import type { Traffic } from "../session.ts";

/**
 * So many numbers lie in one piece of memory. It is kept as long as one session or playback counts there, so a large piece
 * could be held by one player for long; and each is a message.
 */
const PIECE = 128;

/** A place in a piece of memory, from which both isolates count. */
type Numbers = Float64Array<SharedArrayBuffer>;

/**
 * Numbers that a worker counts, one by one as it goes, and the main isolate reads when somebody wants to know: to tell them
 * once in a while would cost both for each player, whether it matters to anybody or not.
 *
 * A number has one writer, and is read without a lock, as it was a moment ago; whoever has a message that was sent after it
 * was written reads it as it is. No place is used twice: a piece goes when nothing in it counts any more, in either isolate.
 */
export class SharedNumbers {
  readonly #share: (memory: SharedArrayBuffer) => void;
  #newest?: Numbers;
  #used = PIECE;

  /** `share` tells the main isolate of the piece where all places are from then on. */
  constructor(share: (memory: SharedArrayBuffer) => void) {
    this.#share = share;
  }

  /** Place for what goes through a session; the main isolate must be told of it before another one is taken. */
  traffic(): { readonly place: number; readonly traffic: Traffic } {
    const { numbers, place } = this.#take(2);
    return { place, traffic: new SharedTraffic(numbers, place) };
  }

  /** Place for what a player is sent; as with {@linkcode SharedNumbers.traffic}. */
  sent(): { readonly place: number; readonly sent: SentBytes } {
    const { numbers, place } = this.#take(1);
    return { place, sent: new SharedBytes(numbers, place) };
  }

  #take(count: number): { numbers: Numbers; place: number } {
    if (!this.#newest || this.#used + count > PIECE) {
      this.#newest = new Float64Array(new SharedArrayBuffer(PIECE * Float64Array.BYTES_PER_ELEMENT));
      this.#used = 0;
      this.#share(this.#newest.buffer);
    }
    const place = this.#used;
    this.#used += count;
    return { numbers: this.#newest, place };
  }
}

/** The numbers of a worker as the main isolate finds them. */
export class NumbersElsewhere {
  #newest: Numbers = new Float64Array(new SharedArrayBuffer(0));

  /** All places are in this piece from now on. */
  add(memory: SharedArrayBuffer): void {
    this.#newest = new Float64Array(memory);
  }

  /** What goes through a session, counted at `place`. */
  traffic(place: number): Traffic {
    return new SharedTraffic(this.#newest, place);
  }

  /** What a player is sent, counted at `place`. */
  sent(place: number): SentBytes {
    return new SharedBytes(this.#newest, place);
  }
}

class SharedTraffic implements Traffic {
  constructor(readonly numbers: Numbers, readonly at: number) {}

  get bytesIn(): number {
    return this.numbers[this.at];
  }

  set bytesIn(bytes: number) {
    this.numbers[this.at] = bytes;
  }

  get bytesOut(): number {
    return this.numbers[this.at + 1];
  }

  set bytesOut(bytes: number) {
    this.numbers[this.at + 1] = bytes;
  }
}

class SharedBytes implements SentBytes {
  constructor(readonly numbers: Numbers, readonly at: number) {}

  get bytes(): number {
    return this.numbers[this.at];
  }

  set bytes(bytes: number) {
    this.numbers[this.at] = bytes;
  }
}
