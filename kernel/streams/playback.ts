import type { Format } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { Clock } from "../clock.ts";
import { Closed } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import type { LiveStream } from "./live_stream.ts";
import type { Stream } from "./stream.ts";
import type { Subscription } from "../fanout/subscription.ts";

/** The right to read a stream; disposing it tells that the player left. */
export interface Playback extends Disposable {
  readonly stream: Stream;
  /** Reads the stream in a byte format from its newest entry on. */
  read(format: Format): Subscription<Uint8Array>;
  /** Reads the stream's packets. */
  packets(): Subscription<MediaPacket>;
  /** Bytes sent to this player; the driver counts them. */
  bytes: number;
}

/** How much has been sent to a player. */
export interface SentBytes {
  readonly bytes: number;
}

/** The kernel's playbacks; one ends with its session at the latest. */
export class OpenPlayback implements Playback {
  #bytes = 0;
  #elsewhere?: SentBytes;
  #subscriptions: Subscription<unknown>[] = [];
  #pastSkips = 0;
  #skipsElsewhere = 0;
  readonly #onEnd: (playback: OpenPlayback, closed: Closed) => void;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #sessionEnded = () => this[Symbol.dispose]();
  #isDisposed = false;

  constructor(
    readonly stream: LiveStream,
    readonly session: Session,
    clock: Clock,
    onEnd: (playback: OpenPlayback, closed: Closed) => void,
  ) {
    stream.attach();
    this.#onEnd = onEnd;
    this.#clock = clock;
    this.#startedAt = clock.now();
    session.onClose(this.#sessionEnded);
  }

  get bytes(): number {
    return this.#elsewhere?.bytes ?? this.#bytes;
  }

  set bytes(bytes: number) {
    if (this.#bytes === 0 && bytes > 0) this.stream.tellFirstBytes(this.session.protocol, this.seconds);
    this.#bytes = bytes;
  }

  /** How long it has been playing, in seconds. */
  get seconds(): number {
    return (this.#clock.now() - this.#startedAt) / 1000;
  }

  /** How often it was too slow and jumped. */
  get skips(): number {
    const past = this.#pastSkips + this.#skipsElsewhere;
    return this.#subscriptions.reduce((sum, subscription) => sum + subscription.skips, past);
  }

  /** What it reads is sent by another isolate: `sent` is how much that is. */
  sentElsewhere(sent: SentBytes): void {
    this.#elsewhere = sent;
  }

  /** The other isolate says how often it has jumped so far. */
  skippedElsewhere(skips: number): void {
    this.stream.countSkips(skips - this.#skipsElsewhere);
    this.#skipsElsewhere = skips;
  }

  read(format: Format): Subscription<Uint8Array> {
    return this.#keep(this.stream.subscribe(format));
  }

  packets(): Subscription<MediaPacket> {
    return this.#keep(this.stream.packets());
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.session.offClose(this.#sessionEnded);
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.stream.detach();
    this.#onEnd(this, this.#reason());
  }

  #reason(): Closed {
    if (this.session.closed) return this.session.closed;
    return this.stream.signal.aborted ? Closed.of(this.stream.signal) : new Closed("left");
  }

  #keep<T>(subscription: Subscription<T>): Subscription<T> {
    const read = this.#subscriptions.filter(isRead);
    this.#pastSkips = this.skips - this.#skipsElsewhere - read.reduce((sum, { skips }) => sum + skips, 0);
    this.#subscriptions = read.concat(subscription);
    return subscription;
  }
}

/** Players that pause and go on read again and again: what they have left is not held on to. */
function isRead(subscription: Subscription<unknown>): boolean {
  return subscription.ended === undefined;
}
