import type { TrackRun } from "../../media/mp4/fragment.ts";
import { Span } from "./span.ts";
import type { SegmentStep } from "./step.ts";
import type { TrackFeed } from "./track_feed.ts";

/** The segment that is being made. */
export class SegmentState {
  /** When its first frame is decoded, in microseconds. */
  begin = 0;
  isEmpty = true;
  #isKey?: boolean;
  #fragments = 0;
  readonly #span = new Span();

  constructor(readonly number: number) {}

  /** Its first frame has come. */
  open(dts: number): void {
    this.isEmpty = false;
    this.begin = dts;
  }

  /** A frame of the main track has come: the first one says whether decoding can begin here. */
  enter(isKey: boolean): void {
    this.#isKey ??= isKey;
  }

  /** Counts a fragment in; says whether it is the first one. The times are those of the first of the tracks that is in it. */
  count(runs: readonly TrackRun[], feeds: readonly TrackFeed[]): boolean {
    const [first] = runs;
    const track = feeds.map(({ current }) => current?.track).find((track) => track?.id === first.trackId);
    if (track) this.#span.add(first, track.timescale);
    return this.#fragments++ === 0;
  }

  toStep(): SegmentStep {
    const { start, duration } = this.#span;
    return { type: "segment", number: this.number, start, duration, isKey: this.#isKey ?? false };
  }
}
