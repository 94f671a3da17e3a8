import type { Logger } from "../../kernel/log/log.ts";
import type { HlsSettings } from "./settings.ts";
import type { SegmentTrack } from "./segments/track_table.ts";

/** Whose warnings they are. */
export interface WarningsOptions {
  /** The stream, as messages name it. */
  readonly title: string;
  readonly settings: Pick<HlsSettings, "segmentSeconds">;
  readonly log: Logger;
}

const SECOND = 1_000_000;

/** Key frames so many times further apart than segments should be long make segments long. */
const LONG_KEY_INTERVAL = 1.5;

/** What the operator is told of a stream that does not go well into HLS: each fault once for each writer. */
export class RenditionWarnings {
  readonly #options: WarningsOptions;
  #hasWarned = { keys: false, forced: false, damaged: false };

  constructor(options: WarningsOptions) {
    this.#options = options;
  }

  /**
   * Says what a long interval of key frames means for those who watch. Both are in microseconds; `maxSegment` is what has been
   * promised: what is longer is told when a segment has to end without a key.
   */
  keyInterval(interval: number, maxSegment: number | undefined): void {
    const { settings: { segmentSeconds }, title, log } = this.#options;
    if (this.#hasWarned.keys || interval <= segmentSeconds * SECOND * LONG_KEY_INTERVAL) return;
    this.#hasWarned.keys = true;
    if (maxSegment !== undefined && interval > maxSegment) return;
    const seconds = interval / SECOND;
    log.warn(
      `${title} has a key frame every ${seconds.toFixed(1)} s: HLS segments are that long, and players are at least ` +
        `${Math.round(seconds * 3)} s behind; set the encoder's keyframe interval to ${segmentSeconds} s`,
      { stream: title },
    );
  }

  /** A segment had to end without a key, because no longer one than `maxSegment`, in microseconds, has been promised. */
  forced(maxSegment: number | undefined): void {
    if (this.#hasWarned.forced) return;
    this.#hasWarned.forced = true;
    const { settings: { segmentSeconds }, title, log } = this.#options;
    const longest = ((maxSegment ?? 0) / SECOND).toFixed(1);
    log.warn(
      `${title} had no key frame for ${longest} s, and its playlist has promised segments no longer than that: HLS segments ` +
        `without a key frame follow, and players that come now begin further behind; set the encoder's keyframe interval ` +
        `to ${segmentSeconds} s`,
      { stream: title },
    );
  }

  /** Segments that begin now have all tracks but these. */
  leftOut(tracks: readonly SegmentTrack[]): void {
    const { title, log } = this.#options;
    for (const { kind, codec, config } of tracks) {
      const why = config ? "cannot be carried, or its configuration cannot be read" : "has said nothing of itself yet";
      log.warn(`${title} is made into HLS without its ${kind}: ${codec} ${why}`, { stream: title });
    }
  }

  /** A frame could not be written, and is left out. */
  damaged(error: Error): void {
    if (this.#hasWarned.damaged) return;
    this.#hasWarned.damaged = true;
    const { title, log } = this.#options;
    log.warn(`${title} has frames that HLS leaves out, this one because: ${error.message}`, { stream: title });
  }
}
