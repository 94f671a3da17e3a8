import type { MediaPacket } from "../../../media/packet.ts";
import { Cadence } from "./cadence.ts";

/** The interval of frames before it is known, in microseconds. */
const USUAL_INTERVAL = 40_000;

/** A frame so many intervals after the one before comes after a pause of the encoder, which says nothing of its frame rate. */
const PAUSED = 8;

/** How the frames of the track that leads follow each other; times in microseconds. */
export class Pace {
  #frames = new Cadence();
  readonly #keys = new Cadence();
  #newest = 0;

  /** The usual interval of frames. */
  get frameInterval(): number {
    return this.#frames.interval ?? USUAL_INTERVAL;
  }

  /** The usual interval of keys; undefined before there were two. */
  get keyInterval(): number | undefined {
    return this.#keys.interval;
  }

  /** When the newest frame is decoded. */
  get newest(): number {
    return this.#newest;
  }

  /** Notes a frame; gives how long after the key before it came, when it is a key. */
  note({ dts, role }: MediaPacket): number | undefined {
    const { interval } = this.#frames;
    if (interval !== undefined && dts - this.#newest >= interval * PAUSED) this.#frames.pause();
    this.#frames.note(dts);
    this.#newest = dts;
    return role === "key" ? this.#keys.note(dts) : undefined;
  }

  /** What follows has nothing to do with the last frame; `isOther` when it is of another track. */
  pause(isOther: boolean): void {
    if (isOther) this.#frames = new Cadence();
    else this.#frames.pause();
  }
}
