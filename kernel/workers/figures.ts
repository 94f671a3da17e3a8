import type { OpenPlayback } from "../streams/playback.ts";
import type { ToldTimings } from "../fanout/timings.ts";
import type { SentFigures } from "./messages.ts";
import { type Place, shareSent } from "./memory/shared_numbers.ts";

/** A player of this worker, and where the main isolate sees how much it is sent. */
export interface SharedPlayback {
  readonly playback: OpenPlayback;
  readonly place: Place;
  /** How often it had jumped when the main isolate was told last. */
  toldSkips: number;
}

/** Gathers what the main isolate is told once in a while of what goes on in this worker. */
export class Figures {
  /** How often players of all copies had jumped at the last look. */
  #skips = 0;
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
    streams: Iterable<{ readonly skips: number }>,
    playbacks: Iterable<[number, SharedPlayback]>,
  ): SentFigures {
    for (const [, { playback, place }] of playbacks) shareSent(place, playback);
    const skips = this.#haveJumped(streams) ? newSkips(playbacks) : [];
    const figures = { skips, flushes: this.#flushes, firstBytes: this.#firstBytes, refused, lagSeconds };
    this.#flushes = [];
    this.#firstBytes = [];
    return figures;
  }

  /** Thousands play, and hardly any jumps: only then all of them are looked at. */
  #haveJumped(streams: Iterable<{ readonly skips: number }>): boolean {
    let all = 0;
    for (const { skips } of streams) all += skips;
    const haveJumped = all !== this.#skips;
    this.#skips = all;
    return haveJumped;
  }
}

function newSkips(playbacks: Iterable<[number, SharedPlayback]>): [number, number][] {
  const changed: [number, number][] = [];
  for (const [number, shared] of playbacks) {
    const { skips } = shared.playback;
    if (skips === shared.toldSkips) continue;
    shared.toldSkips = skips;
    changed.push([number, skips]);
  }
  return changed;
}
