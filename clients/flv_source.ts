import type { OpenFile } from "../kernel/files.ts";
import { FlvDemuxer } from "../media/flv/demuxer.ts";
import { metadataBody, readMetadata } from "../media/flv/metadata.ts";
import type { MediaPacket } from "../media/packet.ts";
import type { MediaSource } from "./media_source.ts";

/** How much is read at a time, in bytes. */
const PIECE_BYTES = 256 * 1024;

/** How much of a file is looked at for what it says of itself, in bytes: it stands in the first tag. */
const LOOK_BYTES = 2 * 1024 * 1024;

/** An FLV file: its bodies are published as they are, whatever their codec and however many tracks there are. */
export class FlvSource implements MediaSource {
  readonly format = "FLV";
  readonly faults: readonly string[];
  readonly hasTrueTimes = false;
  readonly #file: OpenFile;
  readonly #flags: { hasAudio: boolean; hasVideo: boolean };

  private constructor(file: OpenFile, readonly seconds: number | undefined, kinds: ReadonlySet<string>) {
    this.#file = file;
    this.#flags = { hasAudio: kinds.has("audio"), hasVideo: kinds.has("video") };
    this.faults = kinds.size > 0 ? [] : ["There is neither picture nor sound in this file"];
  }

  /** Looks into a file. Rejects with `FormatError` when it is damaged at its beginning. */
  static async open(file: OpenFile): Promise<FlvSource> {
    const kinds = new Set<string>();
    let seconds: number | undefined;
    let seen = 0;
    try {
      for await (const packet of packetsOf(file)) {
        if (isOnMetaData(packet)) seconds ??= durationOf(packet);
        else if (packet.kind !== "data") kinds.add(packet.kind);
        seen += packet.body.length;
        if (seen > LOOK_BYTES || kinds.size === 2 && seconds !== undefined) break;
      }
    } catch (error) {
      // What stands before the damage is published.
      if (kinds.size === 0) throw error;
    }
    return new FlvSource(file, seconds, kinds);
  }

  async *packets(): AsyncGenerator<MediaPacket> {
    for await (const packet of packetsOf(this.#file)) yield isOnMetaData(packet) ? this.#live(packet) : packet;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  /** What it says of the file, such as its length and the places of its keys, is untrue of the stream. */
  #live(script: MediaPacket): MediaPacket {
    const body = metadataBody(readMetadata(script), this.#flags, true);
    return { ...script, data: body, body };
  }
}

async function* packetsOf(file: OpenFile): AsyncGenerator<MediaPacket> {
  const demuxer = new FlvDemuxer();
  for (let position = 0;;) {
    // Packets are views of what was read: a new buffer each time.
    const piece = new Uint8Array(PIECE_BYTES);
    const count = await file.read(piece, position);
    if (count === 0) return;
    position += count;
    yield* demuxer.packets(piece.subarray(0, count));
  }
}

function isOnMetaData({ kind, role }: MediaPacket): boolean {
  return kind === "data" && role === "metadata";
}

function durationOf(script: MediaPacket): number | undefined {
  const { duration } = readMetadata(script);
  return typeof duration === "number" && Number.isFinite(duration) && duration > 0 ? duration : undefined;
}
