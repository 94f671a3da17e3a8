/** How far apart key frames are, in microseconds: HLS cuts its segments there, and players enter there. */
const KEY_INTERVAL = 2_000_000;

/** Says which frames are to be key frames: the first at or after each multiple of the interval, and any on demand. */
export class KeyRhythm {
  readonly #interval: number;
  #beat: number | undefined;

  constructor(interval: number = KEY_INTERVAL) {
    this.#interval = interval;
  }

  /** The next frame is to be a key: a connection begins, or what went before was dropped. */
  request(): void {
    this.#beat = undefined;
  }

  /** Whether the frame of this time, in microseconds, is to be a key; asked once for each frame that is encoded. */
  isDue(time: number): boolean {
    const beat = Math.floor(time / this.#interval);
    if (beat === this.#beat) return false;
    this.#beat = beat;
    return true;
  }
}
