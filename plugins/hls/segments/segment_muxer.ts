import type { ByteWriter } from "../../../media/bytes.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { hasMp4Entry } from "../../../media/mp4/track.ts";
import { hasTsPayload } from "../../../media/ts/open_payload.ts";
import { Fmp4Segments } from "./fmp4_segments.ts";
import type { SegmentTrack } from "./track_table.ts";
import { TsSegments } from "./ts_segments.ts";

/** What segments are written in: MPEG transport streams or fragmented MP4. */
export type Container = "ts" | "fmp4";

/** Writes frames in one container, so that the result can be cut into segments and parts. */
export interface SegmentMuxer {
  readonly container: Container;
  /** What names of segments end in. */
  readonly extension: string;
  /** Whether it can carry a track; what describes the track is there. */
  carries(track: SegmentTrack): boolean;
  /** Begins a segment of these tracks; gives the init segment that it needs, where the container has one. */
  begin(tracks: readonly SegmentTrack[], out: ByteWriter): Uint8Array | undefined;
  /** Writes a frame, or keeps it until the part ends. Throws `FormatError` for one that is damaged. */
  write(packet: MediaPacket, out: ByteWriter): void;
  /** Writes what was kept: the part ends; `next` is the frame behind it, if there is one. */
  flush(next: MediaPacket | undefined, out: ByteWriter): void;
}

/** What phones and television sets play in transport streams; HEVC and Opus they take from fragmented MP4 alone. */
const PLAYED_IN_TS: ReadonlySet<string> = new Set(["avc", "aac", "mp3", "ac3", "eac3"]);

/**
 * The container for these tracks: transport streams where all codecs are at home in them. Once players have read fragmented
 * MP4, `current`, there is no way back: a playlist cannot say that an init segment no longer applies.
 */
export function chooseContainer(
  wanted: Container | "auto",
  tracks: readonly SegmentTrack[],
  current?: Container,
): Container {
  if (wanted !== "auto") return wanted;
  if (current === "fmp4") return current;
  const carried = tracks.filter(({ codec }) => hasTsPayload(codec) || hasMp4Entry(codec));
  return carried.every(({ codec }) => PLAYED_IN_TS.has(codec)) ? "ts" : "fmp4";
}

/** A muxer for a container. */
export function openSegmentMuxer(container: Container): SegmentMuxer {
  return container === "ts" ? new TsSegments() : new Fmp4Segments();
}
