import type { OpenPlayback } from "../playback.ts";
import type { Session } from "../session.ts";
import type { ToldTimings } from "../timings.ts";
import type { SentFigures } from "./messages.ts";

/** Gathers what the main isolate is told once in a while of what goes through this worker. */
export class Figures {
  /** Bytes in and out of sessions, bytes and skips of playbacks, as they were told last. */
  readonly #told = new WeakMap<object, readonly [number, number]>();
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
    refused: SentFigures["refused"],
    sessions: Iterable<[number, Session]>,
    playbacks: Iterable<[number, OpenPlayback]>,
  ): SentFigures {
    const figures: SentFigures = {
      sessions: this.#changed(sessions, ({ bytesIn, bytesOut }) => [bytesIn, bytesOut]),
      playbacks: this.#changed(playbacks, ({ bytes, skips }) => [bytes, skips]),
      flushes: this.#flushes,
      firstBytes: this.#firstBytes,
      refused,
    };
    this.#flushes = [];
    this.#firstBytes = [];
    return figures;
  }

  #changed<T extends object>(
    numbered: Iterable<[number, T]>,
    figuresOf: (each: T) => readonly [number, number],
  ): Float64Array {
    const changed: number[] = [];
    for (const [number, each] of numbered) {
      const now = figuresOf(each);
      const then = this.#told.get(each);
      if (then?.[0] === now[0] && then[1] === now[1]) continue;
      this.#told.set(each, now);
      changed.push(number, now[0], now[1]);
    }
    return Float64Array.from(changed);
  }
}
