import type { Clock } from "../clock.ts";
import { ToldTimings } from "./timings.ts";

/** Milliseconds that waking one reader costs until it has been measured. */
const FIRST_COST = 0.008;

/**
 * The cheapest of so many rounds tells the cost: the others were interrupted by other processes, and to wait longer
 * because of them would delay every viewer and save nothing.
 */
const ROUNDS = 8;

/** Fewer readers than this measure the clock rather than the work. */
const SMALLEST_SAMPLE = 16;

/** The share of its time that the process may spend on waking readers for pictures. */
const PICTURE_SHARE = 0.27;

/** Below this many milliseconds a whole round is too cheap to be saved. */
const CHEAP_ROUND = 0.5;

/** Sound may wait this much longer than a picture: it then rides along with the next one. */
const SOUND_FACTOR = 40;

/** The longest that sound waits for a picture, in milliseconds: more than a frame at 25 fps. */
const SOUND_LIMIT = 45;

/** A crowd is woken in turns that come at least so many milliseconds after each other … */
const TURN_MS = 25;

/** … and are of at least so many readers, so that few timers wake many. */
const SMALLEST_TURN = 256;

/**
 * Decides how long packets are gathered before readers are woken, from what waking them costs.
 *
 * While a round over all readers is cheap, everything is sent at once. As rounds grow dearer the window between two of
 * them widens with them, so that thousands of readers share few large writes instead of many small ones; it never
 * exceeds `maxDelayMs`.
 */
export class Flusher {
  /** How many readers of byte formats there are in the whole server. */
  readers = 0;
  #cost = FIRST_COST;
  #cheapest = Infinity;
  #rounds = 0;

  constructor(readonly clock: Clock, public maxDelayMs: number, readonly timings = new ToldTimings()) {}

  /** Milliseconds from one flush of a rendition to the next one that brings a picture, or sound alone. */
  window(what: "picture" | "sound"): number {
    const round = this.readers * this.#cost;
    if (round < CHEAP_ROUND) return 0;
    const picture = Math.min(this.maxDelayMs, round / PICTURE_SHARE);
    if (what === "picture") return picture;
    return Math.max(picture, Math.min(SOUND_LIMIT, this.maxDelayMs, round * SOUND_FACTOR));
  }

  /** Milliseconds that sound may be held back on its way to readers, so that it rides along with a picture. */
  get ride(): number {
    return Math.min(SOUND_LIMIT, this.window("sound"));
  }

  /** In how many turns, spread over the window for pictures, so many readers are woken. */
  turns(readers: number): number {
    return Math.max(1, Math.floor(Math.min(this.window("picture") / TURN_MS, readers / SMALLEST_TURN)));
  }

  /** Learns that waking `readers` took `ms`. */
  measured(readers: number, ms: number): void {
    if (readers > 0) this.timings.flushed(readers, ms / 1000);
    if (readers < SMALLEST_SAMPLE) return;
    this.#cheapest = Math.min(this.#cheapest, ms / readers);
    if (++this.#rounds < ROUNDS) return;
    this.#cost = this.#cheapest;
    this.#cheapest = Infinity;
    this.#rounds = 0;
  }
}
