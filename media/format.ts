import type { ByteWriter } from "./bytes.ts";
import type { MediaKind, MediaPacket } from "./packet.ts";

/** Where in a format's byte stream a reader may begin: `key` after an init, `delta` only after its predecessor. */
export type UnitRole = "key" | "delta";

/** The newest configuration and metadata of one track. */
export interface TrackState {
  readonly kind: MediaKind;
  readonly track: number;
  /** The newest `config` packet; absent for codecs that need none and before the first arrives. */
  readonly config?: MediaPacket;
  /** The newest `metadata` packet of this track (for kind `data`: the stream's onMetaData). */
  readonly metadata?: MediaPacket;
  /** The newest packet's codec. */
  readonly codec: string;
}

/** What a muxer may know of the stream it writes. */
export interface TrackSource {
  readonly tracks: readonly TrackState[];
}

/** A byte format that a stream can be sent in. Stateless: what a stream needs lives in its muxer. */
export interface Format {
  /** Unique among formats; streams keep one encoded copy under it. */
  readonly name: string;
  open(source: TrackSource): Muxer;
}

/** Encodes one stream into one format, packet by packet, straight into the buffer that all readers share. */
export interface Muxer {
  /** What the packet will be in this format; undefined when the format leaves it out. */
  role(packet: MediaPacket): UnitRole | undefined;
  /**
   * Writes what a reader must have before the unit of `next`, a key: headers, metadata, decoder configurations. It need not
   * precede every key.
   */
  init(next: MediaPacket, out: ByteWriter): void;
  /** Writes the packet's unit. Called only for packets whose role is not undefined. */
  write(packet: MediaPacket, out: ByteWriter): void;
}
