import { ByteCursor, type ByteRing } from "./byte_ring.ts";
import { Closed } from "../reasons.ts";
import { iterate, type Subscription } from "./subscription.ts";

/** Those who read one ring, as one of them sees them. */
export interface ReaderHost {
  /** How often something new has been shown to readers. */
  readonly shown: number;
  /** Why nothing more will come. */
  readonly ended: Closed | undefined;
  /** A reader has read all and wants to be woken. */
  wait(subscription: ByteSubscription): void;
  /** A reader has gone. */
  leave(subscription: ByteSubscription): void;
}

/** One reader's place in a stream's bytes. There are as many as viewers: it reads without allocating anything. */
export class ByteSubscription implements Subscription<Uint8Array> {
  onReady?: () => void;
  onDispose?: () => void;
  /** What had been shown when it last read. */
  seen = 0;
  readonly #ring: ByteRing;
  readonly #host: ReaderHost;
  readonly #cursor = new ByteCursor();
  #isWaiting = false;
  #left?: Closed;

  constructor(ring: ByteRing, host: ReaderHost) {
    this.#ring = ring;
    this.#host = host;
  }

  next(): Uint8Array | undefined {
    if (this.#left) return undefined;
    this.seen = this.#host.shown;
    const bytes = this.#ring.read(this.#cursor);
    if (!bytes) this.park();
    return bytes;
  }

  park(): void {
    if (this.#isWaiting || this.#left) return;
    this.#isWaiting = true;
    this.#host.wait(this);
  }

  /** There is something to read, or the end. */
  wake(): void {
    this.#isWaiting = false;
    this.onReady?.();
  }

  get ended(): Closed | undefined {
    return this.#host.ended ?? this.#left;
  }

  get skips(): number {
    return this.#cursor.skips;
  }

  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#left = new Closed("left", "the reader left");
    this.#ring.leave(this.#cursor);
    this.#host.leave(this);
    this.onReady = undefined;
    this.onDispose?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return iterate(this);
  }
}
