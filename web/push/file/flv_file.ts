import { FlvDemuxer } from "../../../media/flv/demuxer.ts";
import { readMetadata } from "../../../media/flv/metadata.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { codecName } from "../../shared/codec_names.ts";
import type { FileFrame, FileTrack, MediaFile } from "./media_file.ts";

/** How much of a file is looked at to find out what is in it, in bytes. */
const LOOK_BYTES = 4 * 1024 * 1024;

/** How long a frame lasts is taken from the step before it, up to a limit; this is for the first one. In microseconds. */
const USUAL_FRAME = 40_000;
const LONGEST_FRAME = 200_000;

/** As much of a `File` as is read. */
export interface ByteFile {
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Whether a file is FLV, by its first bytes. */
export async function isFlv(file: ByteFile): Promise<boolean> {
  const [f, l, v] = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return f === 0x46 && l === 0x4c && v === 0x56;
}

/**
 * Opens an FLV file; its bodies are published as they are, whatever their codec.
 *
 * Rejects with `FormatError` when it is damaged at its beginning.
 */
export async function openFlvFile(file: ByteFile): Promise<MediaFile> {
  const tracks = new Map<string, FileTrack>();
  let duration: number | undefined;
  let seen = 0;
  for await (const packet of packetsOf(file)) {
    if (packet.kind === "data") duration ??= durationOf(packet);
    else if (packet.track === 0) tracks.set(packet.kind, { kind: packet.kind, codec: codecName(packet.codec) });
    seen += packet.body.length;
    if (tracks.size === 2 && seen > 0 && duration !== undefined || seen > LOOK_BYTES) break;
  }
  return {
    format: "FLV",
    duration,
    tracks: [...tracks.values()].sort((a, b) => a.kind < b.kind ? 1 : -1),
    faults: tracks.size ? [] : ["There is neither picture nor sound in this file"],
    frames: () => framesOf(file),
  };
}

async function* framesOf(file: ByteFile): AsyncGenerator<FileFrame> {
  const last = new Map<FileFrame["kind"], number>();
  for await (const { kind, role, codec, track, dts, pts, body } of packetsOf(file)) {
    if (kind === "data" || track !== 0 || role === "metadata" || role === "end") continue;
    const step = dts - (last.get(kind) ?? dts);
    if (role !== "config") last.set(kind, dts);
    yield {
      kind,
      role,
      codec,
      dts,
      body,
      shown: pts,
      end: pts + (step > 0 ? Math.min(step, LONGEST_FRAME) : USUAL_FRAME),
    };
  }
}

async function* packetsOf(file: ByteFile): AsyncGenerator<MediaPacket> {
  const demuxer = new FlvDemuxer();
  const reader = file.stream().getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      yield* demuxer.packets(value!);
    }
  } finally {
    await reader.cancel();
  }
}

function durationOf(script: MediaPacket): number | undefined {
  const { duration } = readMetadata(script);
  return typeof duration === "number" && duration > 0 ? duration : undefined;
}
