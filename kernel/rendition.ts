import type { Format, Muxer, TrackSource } from "../media/format.ts";
import type { MediaPacket } from "../media/packet.ts";
import { ByteCursor, ByteRing, type RingLimits } from "./byte_ring.ts";
import type { Timer } from "./clock.ts";
import type { Flusher } from "./flusher.ts";
import { Closed } from "./reasons.ts";
import { iterate, type Subscription } from "./subscription.ts";

type Freshness = "none" | "sound" | "picture";

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

/**
 * How long the encoded copy is kept after its last reader, in milliseconds: to encode a group of pictures anew takes
 * milliseconds, and one peer can come and go thousands of times a second.
 */
export const LINGER_MS = 2000;

/**
 * An init of up to so many bytes may precede every key. A larger one waits for a key behind as much media as it has
 * bytes: otherwise a publisher of tiny key frames could have its metadata written thousands of times a second.
 */
const FREE_INIT_BYTES = 4096;

/** So many readers who have left may be remembered until the next packet, besides as many as there are. */
const FEW_READERS = 64;

/** What a rendition takes from its stream. */
export interface RenditionHost {
  readonly limits: RingLimits;
  readonly flusher: Flusher;
  /** Called when the last reader has left, and no other has come. */
  onEmpty(): void;
  /** Called when the format could not write a packet. */
  onFailure(error: unknown): void;
}

/**
 * One stream in one byte format, encoded once for all its readers.
 *
 * Opened by its first reader and closed a little after its last; readers are woken together, as often as the flusher
 * allows.
 */
export class Rendition {
  readonly #muxer: Muxer;
  readonly #ring: ByteRing;
  readonly #flusher: Flusher;
  readonly #host: RenditionHost;
  readonly #readers = new Set<ByteSubscription>();
  #waiting: ByteSubscription[] = [];
  #round?: Round;
  #shown = 0;
  #fresh: Freshness = "none";
  #flushedAt = -Infinity;
  #timer?: Timer;
  #timerDue = 0;
  #lingering?: Timer;
  #initBytes = 0;
  #bytesSinceInit = 0;
  #ended?: Closed;

  constructor(format: Format, source: TrackSource, host: RenditionHost) {
    this.#muxer = format.open(source);
    this.#ring = new ByteRing(host.limits);
    this.#flusher = host.flusher;
    this.#host = host;
  }

  /** Bytes that the encoded copy takes. */
  get size(): number {
    return this.#ring.size;
  }

  /** How often readers were too slow and jumped. */
  get skips(): number {
    return this.#ring.skips;
  }

  /** Encodes a packet; readers see it at the next flush. A format that fails ends its own readers, nobody else. */
  write(packet: MediaPacket): void {
    if (this.#ended) return;
    try {
      this.#encode(packet);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Wakes the readers if something is there for them, now or as soon as the flusher's window ends. */
  flush(): void {
    if (this.#fresh === "none" || this.#round) return;
    const due = this.#flushedAt + this.#flusher.window(this.#fresh);
    if (this.#flusher.clock.now() >= due) this.#flushNow();
    else this.#flushAt(due);
  }

  /** Begins a reader at the newest entry. */
  subscribe(): Subscription<Uint8Array> {
    const subscription = new ByteSubscription(this.#ring, this);
    this.#stopLingering();
    this.#readers.add(subscription);
    this.#flusher.readers++;
    return subscription;
  }

  /** Ends all readers once they have read what there is. */
  end(closed: Closed): void {
    if (this.#ended) return;
    this.#ended = closed;
    this.#ring.flush();
    this.#wakeAll();
    if (this.#readers.size === 0) this.#close();
  }

  /** Why nothing more will come. */
  get ended(): Closed | undefined {
    return this.#ended;
  }

  /** @internal How often something new has been shown to readers. */
  get shown(): number {
    return this.#shown;
  }

  /** @internal A reader has read all and wants to be woken. */
  wait(subscription: ByteSubscription): void {
    if (this.#waiting.length > 2 * this.#readers.size + FEW_READERS) this.#forgetThoseWhoLeft();
    this.#waiting.push(subscription);
  }

  /** @internal A reader has gone. */
  leave(subscription: ByteSubscription): void {
    if (!this.#readers.delete(subscription)) return;
    this.#flusher.readers--;
    if (this.#readers.size > 0) return;
    if (this.#ended) this.#close();
    else this.#lingering = this.#flusher.clock.setTimeout(() => this.#close(), LINGER_MS);
  }

  #encode(packet: MediaPacket): void {
    const role = this.#muxer.role(packet);
    if (!role) return;
    const now = this.#flusher.clock.now();
    if (role === "key" && this.#mayBegin()) this.#beginEntry(packet, now);
    else if (!this.#ring.isOpen) return;
    const writer = this.#ring.writer(now);
    const before = writer.length;
    this.#muxer.write(packet, writer);
    this.#bytesSinceInit += writer.length - before;
    if (this.#fresh !== "picture") this.#fresh = packet.kind === "video" ? "picture" : "sound";
  }

  #mayBegin(): boolean {
    return this.#initBytes <= FREE_INIT_BYTES || this.#bytesSinceInit >= this.#initBytes;
  }

  #beginEntry(key: MediaPacket, now: number): void {
    const writer = this.#ring.beginEntry(now);
    this.#muxer.init(key, writer);
    this.#ring.endInit();
    this.#initBytes = writer.length;
    this.#bytesSinceInit = 0;
  }

  #flushAt(due: number): void {
    if (this.#timer && this.#timerDue <= due) return;
    this.#cancelTimer();
    this.#timerDue = due;
    this.#timer = this.#flusher.clock.setTimeout(() => this.#flushNow(), due - this.#flusher.clock.now());
  }

  /**
   * Shows readers what there is: all of them, or the next ones of a round. A crowd is not woken at once, since the last of
   * it would wait for all others: each turn brings its readers what is newest then.
   */
  #flushNow(): void {
    this.#cancelTimer();
    if (this.#ring.flush()) this.#shown++;
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
    this.#waiting = this.#waiting.filter((subscription) => this.#readers.has(subscription));
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

  /** Half a unit may have been written: what was not flushed before is never shown. */
  #fail(error: unknown): void {
    this.#ended = new Closed("error", "the stream cannot be sent in this format");
    this.#host.onFailure(error);
    this.#wakeAll();
    if (this.#readers.size === 0) this.#close();
  }

  #close(): void {
    this.#stopLingering();
    this.#cancelTimer();
    this.#host.onEmpty();
  }

  #stopLingering(): void {
    this.#lingering?.[Symbol.dispose]();
    this.#lingering = undefined;
  }

  /** Nothing more will come, so whoever waits is woken, and whoever would have been in a later turn. */
  #wakeAll(): void {
    this.#cancelTimer();
    this.#fresh = "none";
    const woken = this.#waiting.concat(this.#round?.readers.slice(this.#round.done) ?? []);
    this.#round = undefined;
    this.#waiting = [];
    for (const subscription of woken) this.#wake(subscription);
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

  #cancelTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}

class ByteSubscription implements Subscription<Uint8Array> {
  onReady?: () => void;
  onDispose?: () => void;
  /** What had been shown when it last read. */
  seen = 0;
  readonly #ring: ByteRing;
  readonly #rendition: Rendition;
  readonly #cursor = new ByteCursor();
  #isWaiting = false;
  #left?: Closed;

  constructor(ring: ByteRing, rendition: Rendition) {
    this.#ring = ring;
    this.#rendition = rendition;
  }

  next(): Uint8Array | undefined {
    if (this.#left) return undefined;
    this.seen = this.#rendition.shown;
    const bytes = this.#ring.read(this.#cursor);
    if (!bytes) this.park();
    return bytes;
  }

  park(): void {
    if (this.#isWaiting || this.#left) return;
    this.#isWaiting = true;
    this.#rendition.wait(this);
  }

  wake(): void {
    this.#isWaiting = false;
    this.onReady?.();
  }

  get ended(): Closed | undefined {
    return this.#rendition.ended ?? this.#left;
  }

  get skips(): number {
    return this.#cursor.skips;
  }

  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#left = new Closed("left", "the reader left");
    this.#ring.leave(this.#cursor);
    this.#rendition.leave(this);
    this.onReady = undefined;
    this.onDispose?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return iterate(this);
  }
}
