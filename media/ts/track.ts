import type { Codec, MediaKind } from "../packet.ts";
import { AudioGatherer } from "./audio_gatherer.ts";
import { DecodeTimes } from "./decode_times.ts";
import type { Payload } from "./payload.ts";
import type { ElementaryStream } from "./psi.ts";
import type { PacketStream } from "./unit_writer.ts";

/** One track of a transport stream and its elementary stream. */
export class TsTrack {
  /** What the newest program map says of it; undefined while it is not in there. */
  announced: ElementaryStream | undefined;
  readonly times = new DecodeTimes();
  readonly gathered: AudioGatherer;

  constructor(
    readonly kind: MediaKind,
    readonly number: number,
    readonly codec: Codec,
    readonly stream: PacketStream,
    readonly payload: Payload,
  ) {
    this.gathered = new AudioGatherer(codec, payload);
  }

  /** Takes a decoder configuration; what has been gathered must have been written before. Throws `FormatError`. */
  configure(config: Uint8Array): void {
    this.payload.configure(config);
    this.gathered.configure(config);
  }
}
