/**
 * How far, in microseconds, a sample's stamp may be from the end of the sample before for it to be taken as following it
 * exactly. RTMP's stamps are whole milliseconds and often come from a clock with some jitter; a frame of sound has an exact
 * length, and players that are told another one click.
 */
export const SNAP = 10_000;

/**
 * Turns times into ticks of a track's timescale, so that they never stop rising and nothing accumulates.
 *
 * Each time is rounded by itself. Only a sample that follows one of known length, but for {@linkcode SNAP}, is placed at
 * that one's end: when the difference has grown beyond it, the next sample is where its own time says.
 */
export class SampleClock {
  readonly #timescale: number;
  #last: number | undefined;
  #end: number | undefined;

  /** `timescale` in Hz. */
  constructor(timescale: number) {
    this.#timescale = timescale;
  }

  /** A time in microseconds, rounded to a tick. */
  ticks(time: number): number {
    return Math.round(time * this.#timescale / 1_000_000);
  }

  /** Where the next sample is, in ticks; `time` in microseconds, `duration` in ticks, 0 when it is not known. */
  place(time: number, duration: number): number {
    const at = this.peek(time);
    this.#last = at;
    this.#end = duration > 0 ? at + duration : undefined;
    return at;
  }

  /** Where a sample of this time would be, in ticks. */
  peek(time: number): number {
    const own = this.ticks(time);
    const end = this.#end;
    if (end !== undefined && Math.abs(own - end) <= this.ticks(SNAP)) return end;
    return this.#last === undefined ? own : Math.max(own, this.#last + 1);
  }
}
