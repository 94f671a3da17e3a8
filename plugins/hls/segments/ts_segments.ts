import type { ByteWriter } from "../../../media/bytes.ts";
import { describeCodec } from "../../../media/codec/describe.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { TsMuxer } from "../../../media/ts/muxer.ts";
import { hasTsPayload } from "../../../media/ts/open_payload.ts";
import type { SegmentMuxer } from "./segment_muxer.ts";
import type { SegmentTrack } from "./track_table.ts";

/** Codecs whose frames say nothing to a decoder without their configuration. */
const NEEDS_CONFIG: ReadonlySet<string> = new Set(["avc", "hevc", "aac"]);

/** Segments that are MPEG transport streams (RFC 8216, 3.2): program tables, then frames. */
export class TsSegments implements SegmentMuxer {
  readonly container = "ts";
  readonly extension = "ts";
  readonly #muxer = new TsMuxer();
  #hasVideo = false;
  /** Whether the tables have just been written, and whether a part begins. */
  #isFresh = false;
  #beginsPart = false;

  carries({ codec, config }: SegmentTrack): boolean {
    if (!hasTsPayload(codec)) return false;
    return !NEEDS_CONFIG.has(codec) || describeCodec(codec, config?.data).codecString !== undefined;
  }

  begin(tracks: readonly SegmentTrack[], out: ByteWriter): undefined {
    this.#muxer.beginSegment(out, tracks);
    this.#hasVideo = tracks.some(({ kind }) => kind === "video");
    this.#isFresh = true;
  }

  /** The tables stand once more where players may begin: before each further key, or with each part of sound alone. */
  write(packet: MediaPacket, out: ByteWriter): void {
    const isEntry = this.#hasVideo ? packet.role === "key" : this.#beginsPart;
    if (isEntry && !this.#isFresh) this.#muxer.beginSegment(out);
    this.#isFresh = this.#beginsPart = false;
    this.#muxer.write(packet, out);
  }

  flush(_next: MediaPacket | undefined, out: ByteWriter): void {
    this.#muxer.flush(out);
    this.#beginsPart = true;
  }
}
