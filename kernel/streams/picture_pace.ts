import type { MediaPacket } from "../../media/packet.ts";

/** How much of the stream one measurement of the frame rate takes, in microseconds. */
const RATE_WINDOW = 5_000_000;

/** Measures a video track's frame rate and the distance of its keys, by the stream's own time. */
export class PicturePace {
  #from?: number;
  #frames = 0;
  #last = 0;
  #rate?: number;
  #keyAt?: number;
  #keyDistance?: number;

  /** Counts a `key` or `delta` packet; they must come in order. */
  observe(packet: MediaPacket): void {
    const { dts } = packet;
    if (this.#from === undefined || packet.discontinuity) this.#restart(dts);
    else this.#frames++;
    this.#last = dts;
    if (dts - this.#from! >= RATE_WINDOW) this.#measure(dts);
    if (packet.role === "key") this.#key(dts);
  }

  /** Frames per second over the last five seconds, rounded to hundredths; undefined before the second frame. */
  get frameRate(): number | undefined {
    const rate = this.#rate ?? this.#soFar();
    return rate && Math.round(rate * 100) / 100;
  }

  /**
   * Seconds between the newest two keys, or since the newest one when that is longer already; undefined before the
   * second key.
   */
  get gopSeconds(): number | undefined {
    if (this.#keyDistance === undefined) return undefined;
    return Math.max(this.#keyDistance, this.#last - this.#keyAt!) / 1_000_000;
  }

  #restart(dts: number): void {
    this.#from = dts;
    this.#frames = 0;
    this.#keyAt = undefined;
    this.#keyDistance = undefined;
  }

  #measure(dts: number): void {
    this.#rate = this.#soFar();
    this.#from = dts;
    this.#frames = 0;
  }

  #soFar(): number | undefined {
    if (this.#from === undefined || this.#last <= this.#from) return undefined;
    return this.#frames * 1_000_000 / (this.#last - this.#from);
  }

  #key(dts: number): void {
    if (this.#keyAt !== undefined) this.#keyDistance = dts - this.#keyAt;
    this.#keyAt = dts;
  }
}
