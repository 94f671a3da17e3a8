import type { MediaPacket } from "../media/packet.ts";

/** A file that can be published. */
export interface MediaSource extends AsyncDisposable {
  /** `FLV`, `MP4`, `Matroska` … */
  readonly format: string;
  /** How long it plays, in seconds; undefined when the file does not say it. */
  readonly seconds?: number;
  /** What of it is not published, in words. */
  readonly faults: readonly string[];
  /**
   * Whether its times can be believed: a gap in them is a pause then. Otherwise they are those of a stream that was recorded,
   * and a gap is a clock that jumped.
   */
  readonly hasTrueTimes: boolean;
  /** All packets from the beginning on, in the order of decoding; it may be read again when it has ended. */
  packets(): AsyncGenerator<MediaPacket>;
}
