import type { MediaPacket } from "../../media/packet.ts";
import type { PacketCursor, PacketRing } from "./packet_ring.ts";
import { Closed } from "../reasons.ts";
import { iterate, type Subscription } from "./subscription.ts";

/** One who reads a stream's packets. */
export interface PacketReader extends Subscription<MediaPacket> {
  /** Whether it gets packets some tenths of a second later as well. */
  isPatient: boolean;
}

/** The readers of one stream's packets: sinks, forwards, other workers. */
export class PacketReaders {
  readonly #ring: PacketRing;
  readonly #onFailure: (error: unknown) => void;
  #waiting: PacketSubscription[] = [];
  #hurried = 0;
  #ended?: Closed;

  /** `onFailure` hears what a reader threw when it was woken. */
  constructor(ring: PacketRing, onFailure: (error: unknown) => void) {
    this.#ring = ring;
    this.#onFailure = onFailure;
  }

  /** True while there is a reader that wants packets as soon as they come. */
  get isHurried(): boolean {
    return this.#hurried > 0;
  }

  /**
   * Begins a reader: first `prelude`, then from the newest entry, or what is written from now on; `patient` says that
   * it may come a little later.
   */
  subscribe(from: "entry" | "live", prelude: MediaPacket[], patient = false): PacketReader {
    const reader = new PacketSubscription(this.#ring, this, this.#ring.open(from), prelude);
    reader.isPatient = patient;
    return reader;
  }

  /** Wakes those who have read all. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const woken = this.#waiting;
    this.#waiting = [];
    for (const subscription of woken) this.#wake(subscription);
  }

  /** Ends all readers once they have read what there is. */
  end(closed: Closed): void {
    this.#ended = closed;
    this.flush();
  }

  /** Why nothing more will come. */
  get ended(): Closed | undefined {
    return this.#ended;
  }

  /** @internal One reader more, or less, is in a hurry. */
  hurry(change: 1 | -1): void {
    this.#hurried += change;
  }

  /** @internal A reader has read all and wants to be woken. */
  wait(subscription: PacketSubscription): void {
    this.#waiting.push(subscription);
  }

  /** A reader that throws leaves; the others are woken all the same. */
  #wake(subscription: PacketSubscription): void {
    try {
      subscription.wake();
    } catch (error) {
      this.#onFailure(error);
      subscription[Symbol.dispose]();
    }
  }
}

class PacketSubscription implements PacketReader {
  onReady?: () => void;
  onDispose?: () => void;
  /** A sink never jumps: one that falls too far behind ends loudly instead. */
  readonly skips = 0;
  readonly #ring: PacketRing;
  readonly #readers: PacketReaders;
  readonly #cursor: PacketCursor;
  readonly #prelude: MediaPacket[];
  #isPatient = true;
  #isWaiting = false;
  #left?: Closed;

  constructor(
    ring: PacketRing,
    readers: PacketReaders,
    cursor: PacketCursor,
    prelude: MediaPacket[],
  ) {
    this.#ring = ring;
    this.#readers = readers;
    this.#cursor = cursor;
    this.#prelude = prelude;
  }

  get isPatient(): boolean {
    return this.#isPatient;
  }

  set isPatient(isPatient: boolean) {
    if (isPatient === this.#isPatient || this.#left) return;
    this.#isPatient = isPatient;
    this.#readers.hurry(isPatient ? -1 : 1);
  }

  next(): MediaPacket | undefined {
    if (this.#left) return undefined;
    const packet = this.#prelude.shift() ?? this.#ring.read(this.#cursor);
    if (!packet) this.park();
    return packet;
  }

  park(): void {
    if (this.#isWaiting || this.#left) return;
    this.#isWaiting = true;
    this.#readers.wait(this);
  }

  wake(): void {
    this.#isWaiting = false;
    this.onReady?.();
  }

  get ended(): Closed | undefined {
    return this.#cursor.fell
      ? new Closed("too-slow", "the reader fell too far behind the stream")
      : this.#readers.ended ?? this.#left;
  }

  [Symbol.dispose](): void {
    if (this.#left) return;
    this.isPatient = true;
    this.#left = new Closed("left", "the reader left");
    this.#prelude.length = 0;
    this.#ring.close(this.#cursor);
    this.onReady = undefined;
    this.onDispose?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<MediaPacket> {
    return iterate(this);
  }
}
