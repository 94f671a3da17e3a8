import type { ByteRing } from "./byte_ring.ts";
import { ByteSubscription, type ReaderHost } from "./byte_subscription.ts";
import type { Timer } from "../clock.ts";
import type { Flusher } from "./flusher.ts";
import type { Closed } from "../reasons.ts";

/** What has been written that readers have not been shown. */
type Freshness = "none" | "sound" | "picture";

/** So many readers who have left may be remembered until the next packet, besides as many as there are. */
const FEW_READERS = 64;

/** Readers that are being woken, some in each turn. */
interface Round {
  readonly readers: readonly ByteSubscription[];
  /** How many have their turn together. */
  readonly size: number;
  /** Milliseconds from turn to turn. */
  readonly everyMs: number;
  /** How many have had their turn. */
  done: number;
}

/** What the readers of a ring take from those who fill it. */
export interface ByteReadersHost {
  readonly ring: ByteRing;
  readonly flusher: Flusher;
  /** Called when the last reader has left. */
  onEmpty(): void;
  /** Called with what a reader threw when it was woken. */
  onFailure(error: unknown): void;
}

/** The readers of one rendition. They are woken together, as often as the flusher allows; a crowd is woken in turns. */
export class ByteReaders implements ReaderHost {
  readonly #host: ByteReadersHost;
  readonly #flusher: Flusher;
  readonly #all = new Set<ByteSubscription>();
  #waiting: ByteSubscription[] = [];
  #round?: Round;
  #shown = 0;
  #fresh: Freshness = "none";
  #flushedAt = -Infinity;
  #timer?: Timer;
  #timerDue = 0;
  #ended?: Closed;

  constructor(host: ByteReadersHost) {
    this.#host = host;
    this.#flusher = host.flusher;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  get shown(): number {
    return this.#shown;
  }

  get ended(): Closed | undefined {
    return this.#ended;
  }

  /** Begins a reader at the newest entry. */
  add(): ByteSubscription {
    const subscription = new ByteSubscription(this.#host.ring, this);
    this.#all.add(subscription);
    this.#flusher.readers++;
    return subscription;
  }

  wait(subscription: ByteSubscription): void {
    if (this.#waiting.length > 2 * this.#all.size + FEW_READERS) this.#forgetThoseWhoLeft();
    this.#waiting.push(subscription);
  }

  leave(subscription: ByteSubscription): void {
    if (!this.#all.delete(subscription)) return;
    this.#flusher.readers--;
    if (this.#all.size === 0) this.#host.onEmpty();
  }

  /** Sound or a picture has been written into the ring. */
  written(what: "sound" | "picture"): void {
    if (this.#fresh !== "picture") this.#fresh = what;
  }

  /** Wakes the readers if something is there for them, now or as soon as the flusher's window ends. */
  flush(): void {
    if (this.#fresh === "none" || this.#round) return;
    const due = this.#flushedAt + this.#flusher.window(this.#fresh);
    if (this.#flusher.clock.now() >= due) this.#flushNow();
    else this.#flushAt(due);
  }

  /** Nothing more will come, so whoever waits is woken, and whoever would have been in a later turn. */
  end(closed: Closed): void {
    this.#ended = closed;
    this.cancel();
    this.#fresh = "none";
    const woken = this.#waiting.concat(this.#round?.readers.slice(this.#round.done) ?? []);
    this.#round = undefined;
    this.#waiting = [];
    for (const subscription of woken) this.#wake(subscription);
  }

  /** Takes back that readers are to be woken later. */
  cancel(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #flushAt(due: number): void {
    if (this.#timer && this.#timerDue <= due) return;
    this.cancel();
    this.#timerDue = due;
    this.#timer = this.#flusher.clock.setTimeout(() => this.#flushNow(), due - this.#flusher.clock.now());
  }

  /**
   * Shows readers what there is: all of them, or the next ones of a round. A crowd is not woken at once, since the last of
   * it would wait for all others: each turn brings its readers what is newest then.
   */
  #flushNow(): void {
    this.cancel();
    if (this.#host.ring.flush()) this.#shown++;
    const round = this.#round ??= this.#beginRound();
    this.#takeTurn(round);
    if (this.#ended) return;
    if (round.done < round.readers.length) {
      return this.#flushAt(this.#flushedAt + round.everyMs * round.done / round.size);
    }
    this.#round = undefined;
    this.flush();
  }

  /** While nothing comes nobody is woken, however many readers come and go. */
  #forgetThoseWhoLeft(): void {
    this.#waiting = this.#waiting.filter((subscription) => this.#all.has(subscription));
  }

  #beginRound(): Round {
    const readers = this.#waiting;
    this.#waiting = [];
    this.#fresh = "none";
    this.#flushedAt = this.#flusher.clock.now();
    const turns = this.#flusher.turns(readers.length);
    const size = Math.ceil(readers.length / turns);
    return { readers, size, everyMs: this.#flusher.window("picture") / turns, done: 0 };
  }

  #takeTurn(round: Round): void {
    const woken = round.readers.slice(round.done, round.done + round.size);
    round.done += round.size;
    const started = this.#flusher.clock.now();
    for (const subscription of woken) {
      if (subscription.seen === this.#shown) this.#waiting.push(subscription);
      else this.#wake(subscription);
    }
    this.#flusher.measured(woken.length, this.#flusher.clock.now() - started);
  }

  /** A reader that throws leaves; the others are woken all the same. */
  #wake(subscription: ByteSubscription): void {
    try {
      subscription.wake();
    } catch (error) {
      this.#host.onFailure(error);
      subscription[Symbol.dispose]();
    }
  }
}
