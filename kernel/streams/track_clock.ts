import type { MediaKind } from "../../media/packet.ts";

/** The time between two frames, in microseconds, of a track that has not yet shown its own: 25 a second. */
const USUAL_INTERVAL = 40_000;

/** A step longer than this, in microseconds, is a pause and not the time between two frames. */
const MAX_INTERVAL = 1_000_000;

/** A track is judged for lateness on stretches of this many microseconds, so that bursts do not count as drift … */
const LATENESS_WINDOW = 10_000_000;

/** … and on this many packets, so that one late frame of a slide show does not either. */
const LATENESS_PACKETS = 50;

/** What turns a publisher's stamps into the stream's: the time that is added to them. */
export interface Epoch {
  /** In microseconds. */
  readonly offset: number;
  /** The offset that this one took the place of when the publisher's clock jumped. */
  readonly replaced?: number;
}

/** Where one track of a timeline stands. All times are the stream's, in microseconds. */
export class TrackClock {
  /** Undefined until the track's first frame of a publication. */
  epoch?: Epoch;
  /** The newest dts given out. */
  last = 0;
  /** The newest frame's own time under its epoch: earlier than `last` while the track waits out a step back. */
  at = 0;
  /** The newest time between two frames. */
  interval = USUAL_INTERVAL;
  #lag = 0;
  #leastLate = Infinity;
  #packets = 0;
  #windowEnd = 0;

  constructor(readonly kind: MediaKind, readonly number: number) {}

  /** How far a frame at `time` is from where the track's pace, or the rest of the stream, makes one expect it. */
  departure(time: number, front: number): number {
    return Math.min(Math.abs(time - this.last - this.interval), Math.abs(time - front + this.#lag));
  }

  /** Puts a frame under `epoch`; it comes out as `last`. `front` is where the stream stood before. */
  advance(epoch: Epoch, raw: number, front: number): void {
    const time = raw + epoch.offset;
    if (epoch === this.epoch) this.#keepPace(time - this.at);
    this.epoch = epoch;
    this.at = time;
    if (time > this.last) this.last = time;
    this.#lag = Math.max(0, front - this.last);
    this.#leastLate = Math.min(this.#leastLate, front - time);
    this.#packets++;
  }

  /** By how much even the most punctual frame of a full window came too late; 0 while the window is not full. */
  takeLateness(front: number): number {
    if (front < this.#windowEnd || this.#packets < LATENESS_PACKETS) return 0;
    const least = this.#leastLate;
    this.#leastLate = Infinity;
    this.#packets = 0;
    this.#windowEnd = front + LATENESS_WINDOW;
    return Math.max(0, least);
  }

  #keepPace(step: number): void {
    if (step > 0 && step <= MAX_INTERVAL) this.interval = step;
  }
}
