import { parseTagBody } from "../../media/flv/body.ts";
import type { FlvTag } from "../../media/flv/reader.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Clip } from "./clip.ts";

/** A wait of more than this, after which the clip goes on instead of catching up: the machine slept, nobody watched. */
const MAX_CATCH_UP_MS = 1000;

/** Where a clip is played into; a kernel's publication is one. */
export interface PacketSink {
  write(packet: MediaPacket): void;
  flush(): void;
}

/**
 * Plays a clip in real time, over and over, until it is disposed.
 *
 * Each frame is due at a time counted from the start, so no error adds up; timestamps go on from one round to the next.
 */
export class ClipLoop implements Disposable {
  readonly #clip: Clip;
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  #startedAt: number;
  #round = 0;
  #next = 0;
  #timer?: Timer;

  /** Begins at once. */
  constructor(clip: Clip, sink: PacketSink, clock: Clock) {
    this.#clip = clip;
    this.#sink = sink;
    this.#clock = clock;
    this.#startedAt = clock.now();
    for (const header of clip.headers) this.#write(header, 0);
    this.#play();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #play(): void {
    const late = this.#clock.now() - this.#due();
    if (late > MAX_CATCH_UP_MS) this.#startedAt += late;
    while (this.#due() <= this.#clock.now()) this.#writeNext();
    this.#sink.flush();
    this.#timer = this.#clock.setTimeout(() => this.#play(), Math.max(0, this.#due() - this.#clock.now()));
  }

  #due(): number {
    return this.#startedAt + this.#timestamp();
  }

  #timestamp(): number {
    return this.#round * this.#clip.durationMs + this.#clip.frames[this.#next].timestamp;
  }

  #writeNext(): void {
    this.#write(this.#clip.frames[this.#next], this.#timestamp());
    this.#next = (this.#next + 1) % this.#clip.frames.length;
    if (this.#next === 0) this.#round++;
  }

  #write(tag: FlvTag, timestamp: number): void {
    for (const packet of parseTagBody(tag.tagType, timestamp, tag.body)) this.#sink.write(packet);
  }
}
