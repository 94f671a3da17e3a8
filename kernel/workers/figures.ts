import type { OpenPlayback } from "../playback.ts";
import type { Session } from "../session.ts";
import type { ToldTimings } from "../timings.ts";
import type { SentFigures } from "./messages.ts";

/** Gathers what the main isolate is told once in a while of what goes through this worker. */
export class Figures {
  /** Bytes in and out of sessions, bytes and skips of playbacks, as they were told last. */
  readonly #told = new WeakMap<object, { first: number; second: number }>();
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
    sessions: Iterable<[number, Session]>,
    playbacks: Iterable<[number, OpenPlayback]>,
  ): SentFigures {
    const figures: SentFigures = {
      sessions: this.#changed(sessions, ({ bytesIn }) => bytesIn, ({ bytesOut }) => bytesOut),
      playbacks: this.#changed(playbacks, ({ bytes }) => bytes, ({ skips }) => skips),
      flushes: this.#flushes,
      firstBytes: this.#firstBytes,
      refused,
      lagSeconds,
    };
    this.#flushes = [];
    this.#firstBytes = [];
    return figures;
  }

  /** Thousands may have moved something: nothing is made for each but once. */
  #changed<T extends object>(
    numbered: Iterable<[number, T]>,
    firstOf: (each: T) => number,
    secondOf: (each: T) => number,
  ): Float64Array {
    const changed: number[] = [];
    for (const [number, each] of numbered) {
      const [first, second] = [firstOf(each), secondOf(each)];
      let told = this.#told.get(each);
      if (!told) this.#told.set(each, told = { first: 0, second: 0 });
      if (told.first === first && told.second === second) continue;
      told.first = first;
      told.second = second;
      changed.push(number, first, second);
    }
    return Float64Array.from(changed);
  }
}
