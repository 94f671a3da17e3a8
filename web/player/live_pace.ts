/** How much is to be left to show when the next piece arrives, in seconds, as long as nothing stutters. */
export const LEAST_MARGIN = 0.1;

/** So much is kept at most for a device or a stream that goes on stuttering, in seconds. */
export const MOST_MARGIN = 1;

/** Where a jump lands is so much farther behind: how the stream comes is not known yet, and players want a little to begin. */
const LANDING = 0.15;

/** A jump is worth while that gains more than this, in seconds. */
const WORTH = 0.25;

/** A stall asks for so much more; one that follows another soon asks for more than that. */
const STALL_STEP = 0.05;
const NEXT_STALL_STEP = 0.15;

/** After so many seconds without a stall a little is given back; when that was too much, the wait doubles, up to a limit. */
const CALM_SECONDS = 90;
const MOST_CALM_SECONDS = 600;
const CALM_STEP = 0.025;

/** What follows within so many seconds has to do with what was before. */
const SOON_SECONDS = 10;

/** How evenly a stream arrives is seen over so many seconds, and up to twice as many. */
const WINDOW_SECONDS = 5;

/** What may be left beyond the margin before the picture is hurried, in seconds; it is hurried until it is there. */
const TOLERANCE = 0.06;

/** Nobody hears or sees a pace between these, nor notices that it changes little by little. */
const MOST_RATE = 1.1;
const LEAST_RATE = 0.95;

/** The pace grows by so much for each second of delay. */
const RATE_PER_SECOND = 0.4;

/** Below the first part of the margin the picture is held back, so that it does not starve, until it has the second. */
const STARVING = 0.4;
const FED = 0.8;

/**
 * Keeps a picture near the live edge by its pace alone: a little faster while it is behind, a little slower when nothing is
 * left to show.
 *
 * A stream comes in pieces. What counts is how much is left just before the next one: the pace keeps that at a margin, so that
 * the delay is the margin and whatever the pieces of this stream take. Stalls widen the margin, calm narrows it again. All
 * times are in seconds, `now` of any clock.
 */
export class LivePace {
  #margin = LEAST_MARGIN;
  #stalledAt = -Infinity;
  #calmSince = -Infinity;
  #narrowedAt = -Infinity;
  #calmSeconds = CALM_SECONDS;
  #mood: "even" | "hurried" | "held back" = "even";
  /** How far what had arrived was ahead of the clock, at the least: in this window and the one before. */
  #least = Infinity;
  #leastBefore = Infinity;
  #windowEnd = -Infinity;

  /** How much is to be left to show when the next piece arrives. */
  get margin(): number {
    return this.#margin;
  }

  /** How far behind what has arrived a jump is to land. */
  get landing(): number {
    return this.#margin + LANDING;
  }

  /** A picture that has just begun, stands, or is looked at again, jumps when it is farther behind than this. */
  get near(): number {
    return this.landing + WORTH;
  }

  /** The picture stood because nothing was left. */
  stalled(now: number): void {
    const step = now - this.#stalledAt < SOON_SECONDS ? NEXT_STALL_STEP : STALL_STEP;
    this.#margin = Math.min(MOST_MARGIN, this.#margin + step);
    this.#stalledAt = this.#calmSince = now;
    if (now - this.#narrowedAt < SOON_SECONDS) {
      this.#calmSeconds = Math.min(MOST_CALM_SECONDS, this.#calmSeconds * 2);
    }
  }

  /** The stream begins anew, or the picture has jumped: what was seen of its pieces counts no more. */
  restart(): void {
    this.#least = this.#leastBefore = Infinity;
    this.#windowEnd = -Infinity;
    this.#mood = "even";
  }

  /** Takes in that the stream has arrived up to `edge`. */
  observe(edge: number, now: number): void {
    if (now >= this.#windowEnd) {
      this.#leastBefore = this.#least;
      this.#least = Infinity;
      this.#windowEnd = now + WINDOW_SECONDS;
    }
    this.#least = Math.min(this.#least, edge - now);
  }

  /** The pace for a picture at `position`, after what has arrived was observed; 1 is the stream's own. */
  rateAt(position: number, now: number): number {
    this.#relax(now);
    const spare = now + Math.min(this.#least, this.#leastBefore) - position;
    this.#mood = this.#moodAt(spare);
    if (this.#mood === "held back") return LEAST_RATE;
    if (this.#mood === "even") return 1;
    const rate = 1 + (spare - this.#margin) * RATE_PER_SECOND;
    return Math.min(MOST_RATE, Math.max(1.02, Math.round(rate * 50) / 50));
  }

  #moodAt(spare: number): "even" | "hurried" | "held back" {
    if (spare < this.#margin * (this.#mood === "held back" ? FED : STARVING)) return "held back";
    return spare > this.#margin + (this.#mood === "hurried" ? 0 : TOLERANCE) ? "hurried" : "even";
  }

  #relax(now: number): void {
    if (now - this.#calmSince < this.#calmSeconds) return;
    if (this.#margin > LEAST_MARGIN) this.#narrowedAt = now;
    else this.#calmSeconds = CALM_SECONDS;
    this.#calmSince = now;
    this.#margin = Math.max(LEAST_MARGIN, this.#margin - CALM_STEP);
  }
}
