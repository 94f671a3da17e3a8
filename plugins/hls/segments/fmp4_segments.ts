import type { ByteWriter } from "../../../media/bytes.ts";
import { FormatError } from "../../../media/errors.ts";
import { type TrackRun, writeFragment } from "../../../media/mp4/fragment.ts";
import { initSegment } from "../../../media/mp4/init_segment.ts";
import { RunBuilder } from "../../../media/mp4/run_builder.ts";
import { type Mp4Track, mp4Track } from "../../../media/mp4/track.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import type { SegmentMuxer } from "./segment_muxer.ts";
import { isSameTracks, type SegmentTrack } from "./track_table.ts";

interface OpenTrack {
  readonly source: SegmentTrack;
  readonly builder: RunBuilder;
}

/** Segments that are fragmented MP4 (RFC 8216, 3.3): one fragment a part, behind an init segment of their own. */
export class Fmp4Segments implements SegmentMuxer {
  readonly container = "fmp4";
  readonly extension = "m4s";
  #tracks: OpenTrack[] = [];
  #sequence = 1;
  #beginsSegment = false;

  carries(track: SegmentTrack): boolean {
    return describe(track) !== undefined;
  }

  begin(tracks: readonly SegmentTrack[], out: ByteWriter): Uint8Array | undefined {
    this.#beginsSegment = true;
    if (isSameTracks(tracks, this.#tracks.map(({ source }) => source))) return undefined;
    this.flush(undefined, out);
    const described = tracks.map((source) => ({ source, track: describe(source)! }));
    this.#tracks = described.map(({ source, track }) => ({ source, builder: new RunBuilder(track) }));
    return initSegment(described.map(({ track }) => track));
  }

  write(packet: MediaPacket): void {
    this.#tracks.find(({ source }) => source.kind === packet.kind)?.builder.add(packet);
  }

  flush(next: MediaPacket | undefined, out: ByteWriter): void {
    const runs: TrackRun[] = [];
    for (const { source, builder } of this.#tracks) {
      const run = builder.take(next?.kind === source.kind ? next.dts : undefined);
      if (run) runs.push(run);
    }
    if (runs.length === 0) return;
    writeFragment(out, { sequence: this.#sequence++, tracks: runs, beginsSegment: this.#beginsSegment });
    this.#beginsSegment = false;
  }
}

/** The track as MP4 has it; undefined while, or when, it cannot be described. */
function describe({ kind, codec, config, frame }: SegmentTrack): Mp4Track | undefined {
  const id = kind === "video" ? 1 : 2;
  try {
    return mp4Track({ id, kind, codec, config: config?.data, frame: frame?.data });
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
