import type { ByteWriter } from "../bytes.ts";
import type { Format, Muxer, TrackSource, UnitRole } from "../format.ts";
import type { MediaKind, MediaPacket } from "../packet.ts";
import type { FlvFlags } from "./header.ts";
import { METADATA_TIME, metadataBody, observedMetadata, readMetadata } from "./metadata.ts";
import { type FlvTagType, TAG_SCRIPT, tagTypeOf, writeFlvTag } from "./tag.ts";

/**
 * How far apart the entry points of a stream without video are, in microseconds. Audio can be entered anywhere, but each
 * entry point costs the tags of its init; a second is as near to "now" as a player's own buffer is.
 */
export const AUDIO_ENTRY_INTERVAL = 1_000_000;

/** Which part of a stream an FLV stream carries. */
export interface FlvOptions {
  /** Whether audio is sent; by default true. */
  readonly audio?: boolean;
  /** Whether video is sent; by default true. */
  readonly video?: boolean;
  /** `main`, the default: track 0 alone, which every player understands. `all`: every track of a multitrack stream. */
  readonly tracks?: "main" | "all";
}

/**
 * FLV tags: what HTTP-FLV and WebSocket-FLV players and FLV recordings read after the header of `flvHeader`.
 *
 * Bodies pass unchanged, whatever their codec. Formats with the same options have the same name: `flv`, `flv-audio`
 * (audio alone), `flv-video`, each with `+tracks` when all tracks are sent. Throws `TypeError` when both kinds are
 * switched off.
 */
export function flvFormat(options: FlvOptions = {}): Format {
  return tagFormat("flv", options, writeFlvTag);
}

/** Writes one tag: its type, its time in milliseconds, not wrapped, and its body. */
export type TagWriter = (out: ByteWriter, tagType: FlvTagType, timestamp: number, body: Uint8Array) => void;

/**
 * A format that sends FLV tag bodies in a wrapping of its own, as RTMP and WebSocket-FLV do: `writeTag` writes each.
 *
 * `name` is what {@linkcode flvFormat} has `flv` for. Throws `TypeError` when both kinds are switched off.
 */
export function tagFormat(name: string, given: FlvOptions, writeTag: TagWriter): Format {
  const { audio = true, video = true, tracks = "main" } = given;
  if (!audio && !video) throw new TypeError("Cannot make an FLV format with neither audio nor video");
  const kinds = audio && video ? name : audio ? `${name}-audio` : `${name}-video`;
  const options = { audio, video, tracks };
  return {
    name: tracks === "all" ? `${kinds}+tracks` : kinds,
    open: (source) => new TagMuxer(source, options, writeTag),
  };
}

class TagMuxer implements Muxer {
  readonly #source: TrackSource;
  readonly #options: Required<FlvOptions>;
  readonly #writeTag: TagWriter;
  #audioEntry = Number.NEGATIVE_INFINITY;
  #script: Script = { hasAudio: false, hasVideo: false, body: new Uint8Array(0) };

  constructor(source: TrackSource, options: Required<FlvOptions>, writeTag: TagWriter) {
    this.#source = source;
    this.#options = options;
    this.#writeTag = writeTag;
  }

  role(packet: MediaPacket): UnitRole | undefined {
    if (!this.#carries(packet.kind, packet.track)) return undefined;
    if (packet.track !== 0) return "delta";
    if (packet.role === "key") return "key";
    return packet.role === "frame" && packet.kind === "audio" ? this.#audioRole(packet.dts) : "delta";
  }

  init(next: MediaPacket, out: ByteWriter): void {
    const timestamp = milliseconds(next.dts);
    this.#writeTag(out, TAG_SCRIPT, METADATA_TIME, this.#metadata(this.#publishedMetadata()));
    this.#writeSetup("video", timestamp, out);
    this.#writeSetup("audio", timestamp, out);
  }

  write(packet: MediaPacket, out: ByteWriter): void {
    if (packet.kind === "data" && packet.role === "metadata") return this.#writeMetadata(packet, out);
    this.#writeTag(out, tagTypeOf(packet.kind), milliseconds(packet.dts), packet.body);
  }

  /** Asked twice about one packet, this answers the same. */
  #audioRole(dts: number): UnitRole {
    if (this.#flows("video")) return "delta";
    const entry = this.#audioEntry;
    if (dts > entry && dts < entry + AUDIO_ENTRY_INTERVAL) return "delta";
    this.#audioEntry = dts;
    return "key";
  }

  #carries(kind: MediaKind, track: number): boolean {
    if (track !== 0 && this.#options.tracks === "main") return false;
    return kind === "data" || this.#options[kind];
  }

  #flows(kind: "audio" | "video"): boolean {
    if (!this.#options[kind]) return false;
    for (const state of this.#source.tracks) {
      if (state.kind === kind && state.track === 0) return true;
    }
    return false;
  }

  #writeMetadata(packet: MediaPacket, out: ByteWriter): void {
    const isPartial = !this.#options.audio || !this.#options.video;
    this.#writeTag(out, TAG_SCRIPT, METADATA_TIME, isPartial ? this.#metadata(packet) : packet.body);
  }

  #writeSetup(kind: MediaKind, timestamp: number, out: ByteWriter): void {
    for (const { kind: found, track, config, metadata } of this.#source.tracks) {
      if (found !== kind || !this.#carries(kind, track)) continue;
      if (config) this.#writeTag(out, tagTypeOf(kind), timestamp, config.body);
      if (metadata) this.#writeTag(out, tagTypeOf(kind), timestamp, metadata.body);
    }
  }

  #publishedMetadata(): MediaPacket | undefined {
    return this.#source.tracks.find((state) => state.kind === "data" && state.metadata)?.metadata;
  }

  #metadata(published: MediaPacket | undefined): Uint8Array {
    const flags = { hasAudio: this.#flows("audio"), hasVideo: this.#flows("video") };
    const multitrack = this.#options.tracks === "all";
    if (!published) return metadataBody(observedMetadata(this.#source.tracks), flags, multitrack);
    const { published: known, hasAudio, hasVideo, body } = this.#script;
    if (known === published && hasAudio === flags.hasAudio && hasVideo === flags.hasVideo) return body;
    this.#script = { published, ...flags, body: metadataBody(readMetadata(published), flags, multitrack) };
    return this.#script.body;
  }
}

/** An `onMetaData` body and what it was made from: one is sent with every entry point, and seldom is it another. */
interface Script extends FlvFlags {
  readonly published?: MediaPacket;
  readonly body: Uint8Array;
}

/** Milliseconds of a time in microseconds; the tag writes them modulo 2^32. */
function milliseconds(time: number): number {
  return Math.floor(time / 1000);
}
