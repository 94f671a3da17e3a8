import type { OpenPlayback } from "../playback.ts";
import type { ToldTimings } from "../timings.ts";
import type { SentFigures } from "./messages.ts";

/** Gathers what the main isolate is told once in a while of what goes on in this worker. */
export class Figures {
  /** How often playbacks had jumped when it was told last, where they had. */
  readonly #skips = new WeakMap<OpenPlayback, number>();
  #flushes: (readonly [number, number])[] = [];
  #firstBytes: (readonly [string, number])[] = [];

  constructor(timings: ToldTimings) {
    timings.listen({
      onFlush: (readers, seconds) => void this.#flushes.push([readers, seconds]),
      onFirstBytes: (protocol, seconds) => void this.#firstBytes.push([protocol, seconds]),
    });
  }

  /** What has changed since the last time. */
  take(
    { refused, lagSeconds }: Pick<SentFigures, "refused" | "lagSeconds">,
    playbacks: Iterable<[number, OpenPlayback]>,
  ): SentFigures {
    const skips = this.#newSkips(playbacks);
    const figures = { skips, flushes: this.#flushes, firstBytes: this.#firstBytes, refused, lagSeconds };
    this.#flushes = [];
    this.#firstBytes = [];
    return figures;
  }

  /** Thousands play, and hardly any jumps: nothing is made for the others. */
  #newSkips(playbacks: Iterable<[number, OpenPlayback]>): [number, number][] {
    const changed: [number, number][] = [];
    for (const [number, playback] of playbacks) {
      const { skips } = playback;
      if (skips === 0 || skips === this.#skips.get(playback)) continue;
      this.#skips.set(playback, skips);
      changed.push([number, skips]);
    }
    return changed;
  }
}
