import type { OpenFile } from "../kernel/files/files.ts";
import { FormatError } from "../media/errors.ts";
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
  readonly #name: string;
  readonly #flags: { hasAudio: boolean; hasVideo: boolean };

  private constructor(
    file: OpenFile,
    name: string,
    readonly seconds: number | undefined,
    kinds: ReadonlySet<string>,
  ) {
    this.#file = file;
    this.#name = name;
    this.#flags = { hasAudio: kinds.has("audio"), hasVideo: kinds.has("video") };
    this.faults = kinds.size > 0 ? [] : ["There is neither picture nor sound in this file"];
  }

  /** Looks into a file, which errors call `name`. Rejects with `FormatError` when it is damaged at its beginning. */
  static async open(file: OpenFile, name = "The file"): Promise<FlvSource> {
    const kinds = new Set<string>();
    let seconds: number | undefined;
    let seen = 0;
    try {
      for await (const packet of packetsOf(file, name)) {
        if (isOnMetaData(packet)) seconds ??= durationOf(packet);
        else if (packet.kind !== "data") kinds.add(packet.kind);
        seen += packet.body.length;
        if (seen > LOOK_BYTES || kinds.size === 2 && seconds !== undefined) break;
      }
    } catch (error) {
      // What stands before the damage is published.
      if (kinds.size === 0) throw error;
    }
    return new FlvSource(file, name, seconds, kinds);
  }

  async *packets(): AsyncGenerator<MediaPacket> {
    for await (const packet of packetsOf(this.#file, this.#name)) {
      yield isOnMetaData(packet) ? this.#live(packet) : packet;
    }
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

async function* packetsOf(file: OpenFile, name: string): AsyncGenerator<MediaPacket> {
  const demuxer = new FlvDemuxer();
  for (let position = 0;;) {
    // Packets are views of what was read: a new buffer each time.
    const piece = new Uint8Array(PIECE_BYTES);
    const count = await file.read(piece, position);
    if (count === 0) return;
    position += count;
    yield* packetsIn(demuxer.packets(piece.subarray(0, count)), name);
  }
}

/** Errors of a reader do not know whose bytes they are about. */
function* packetsIn(packets: Iterable<MediaPacket>, name: string): Generator<MediaPacket> {
  try {
    yield* packets;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${name} is damaged: ${error.message}`, { cause: error });
  }
}

function isOnMetaData({ kind, role }: MediaPacket): boolean {
  return kind === "data" && role === "metadata";
}

function durationOf(script: MediaPacket): number | undefined {
  const { duration } = readMetadata(script);
  return typeof duration === "number" && Number.isFinite(duration) && duration > 0 ? duration : undefined;
}
