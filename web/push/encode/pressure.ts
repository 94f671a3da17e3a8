/** What the connection and the encoder look like at one moment. */
export interface Load {
  /** In milliseconds of any monotonic clock. */
  readonly at: number;
  /** What has been given to the connection so far, in bytes. */
  readonly givenBytes: number;
  /** How much of it has not left yet, in bytes. */
  readonly queuedBytes: number;
}

/** Between which bit rates an encoder may be steered, in bits per second. */
export interface BitrateRange {
  readonly ceiling: number;
  readonly floor: number;
}

/** From so much waiting on, in milliseconds of the stream, the bit rate goes down: viewers would see it as latency. */
const LOWER_MS = 150;

/** From so much waiting on no frame is encoded at all until less than {@linkcode RESUME_MS} wait. */
const DROP_MS = 400;
const RESUME_MS = 100;

/** So little waiting is none: one frame that has just been written. */
const CALM_MS = 60;

/** Frames that may wait in the encoder: one is at work, one is next. */
const MAX_ENCODER_QUEUE = 2;

/** How often the bit rate goes down at most: the last change must show first. */
const LOWER_EVERY_MS = 1000;

/** How long it must be calm before the bit rate goes up; longer each time that was too early. */
const FIRST_CALM_MS = 4000;
const LONGEST_CALM_MS = 60_000;

/** The steps of the bit rate; of what the connection was seen to carry, a part is left for sound and swings. */
const DOWN = 0.75;
const UP = 1.15;
const SHARE_OF_UPLOAD = 0.8;

/**
 * Keeps latency from growing: lowers the bit rate when bytes begin to wait, and leaves out frames before they are encoded
 * when that is not enough. What is left out before the encoder leaves no hole in the pictures that follow.
 */
export class Pressure {
  readonly #range: BitrateRange;
  #bitrate: number;
  #before?: Load;
  #upload = 0;
  #isBlocked = false;
  #loweredAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #calmSince: number | undefined;
  #calmNeeded = FIRST_CALM_MS;

  constructor(range: BitrateRange) {
    this.#range = range;
    this.#bitrate = range.ceiling;
  }

  /** What the encoder should make now, in bits per second. */
  get bitrate(): number {
    return this.#bitrate;
  }

  /** What left lately, in bits per second. */
  get upload(): number {
    return this.#upload;
  }

  /** How much of the stream waits, in milliseconds. */
  waiting(queuedBytes: number): number {
    return queuedBytes * 8000 / this.#bitrate;
  }

  /** Whether a frame may be encoded now; `encoderQueue` is how many are in the encoder. */
  admits(queuedBytes: number, encoderQueue: number): boolean {
    const waiting = this.waiting(queuedBytes);
    if (waiting >= DROP_MS) this.#isBlocked = true;
    else if (waiting < RESUME_MS) this.#isBlocked = false;
    return !this.#isBlocked && encoderQueue <= MAX_ENCODER_QUEUE;
  }

  /** Looks at the connection, a few times a second; true when the bit rate has changed. */
  look(load: Load): boolean {
    const before = this.#before;
    this.#before = load;
    if (!before || load.at <= before.at || load.givenBytes < before.givenBytes) return false;
    const left = load.givenBytes - load.queuedBytes - (before.givenBytes - before.queuedBytes);
    this.#upload = Math.max(0, left) * 8000 / (load.at - before.at);
    const waiting = this.waiting(load.queuedBytes);
    this.#noteCalm(waiting, load.at);
    if (waiting >= LOWER_MS) return this.#lower(load.at);
    return this.#isCalmEnough(load.at) && this.#raise(load.at);
  }

  /** A connection begins: nothing waits, and nothing is known of it. */
  restart(): void {
    this.#before = undefined;
    this.#isBlocked = false;
    this.#calmSince = undefined;
  }

  #noteCalm(waiting: number, at: number): void {
    if (waiting >= CALM_MS) this.#calmSince = undefined;
    else this.#calmSince ??= at;
  }

  #isCalmEnough(at: number): boolean {
    return this.#calmSince !== undefined && at - this.#calmSince >= this.#calmNeeded;
  }

  #lower(at: number): boolean {
    if (at - this.#loweredAt < LOWER_EVERY_MS) return false;
    if (at - this.#raisedAt < this.#calmNeeded) this.#calmNeeded = Math.min(LONGEST_CALM_MS, this.#calmNeeded * 2);
    this.#loweredAt = at;
    return this.#set(Math.min(this.#bitrate * DOWN, Math.max(this.#upload * SHARE_OF_UPLOAD, this.#bitrate / 2)));
  }

  #raise(at: number): boolean {
    this.#calmSince = at;
    this.#raisedAt = at;
    return this.#set(this.#bitrate * UP);
  }

  #set(bitrate: number): boolean {
    const before = this.#bitrate;
    this.#bitrate = Math.round(Math.max(this.#range.floor, Math.min(this.#range.ceiling, bitrate)));
    return this.#bitrate !== before;
  }
}
