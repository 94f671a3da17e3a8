import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { EcmaArray } from "../../../media/amf/amf_value.ts";
import { ByteWriter } from "../../../media/bytes.ts";
import { flvHeader } from "../../../media/flv/header.ts";
import type { Codec } from "../../../media/packet.ts";
import { TAG_AUDIO, TAG_OVERHEAD_BYTES, TAG_SCRIPT, TAG_VIDEO, writeFlvTag } from "../../../media/flv/tag.ts";

/** One frame or configuration that is to be published. */
export interface UploadPacket {
  readonly kind: "video" | "audio";
  readonly role: "config" | "key" | "delta" | "frame";
  readonly codec: Codec;
  /** When it is to be decoded, in microseconds of the session. */
  readonly dts: number;
  /** An FLV tag body. */
  readonly body: Uint8Array<ArrayBufferLike>;
}

/** What `onMetaData` says of the stream. */
export type UploadMetadata = Readonly<Record<string, number | string | boolean>>;

/**
 * Makes the bytes of one publication after the other: what each begins with, then tag by tag.
 *
 * A publication begins with the header, `onMetaData` and the newest configurations, whichever connection they were made
 * for; its video begins with a key frame.
 */
export class FlvUpload {
  readonly #configs = new Map<UploadPacket["kind"], UploadPacket>();
  readonly #codecs = new Map<UploadPacket["kind"], Codec>();
  #metadata: UploadMetadata = {};
  #needsKey = true;
  #zero = 0;

  /** What is sent, the video's codec before the audio's. */
  get codecs(): Codec[] {
    return (["video", "audio"] as const).flatMap((kind) => this.#codecs.get(kind) ?? []);
  }

  /** What the next publication says of the stream. */
  describe(metadata: UploadMetadata): void {
    this.#metadata = metadata;
  }

  /** What a publication that begins at `time` begins with; `zero` is the time that it counts from. In microseconds. */
  begin(time: number, zero = 0): Uint8Array {
    this.#zero = zero;
    const out = new ByteWriter().raw(flvHeader({ hasAudio: true, hasVideo: true }));
    this.#needsKey = true;
    writeFlvTag(
      out,
      TAG_SCRIPT,
      milliseconds(time - zero),
      encodeAmf0("onMetaData", new EcmaArray({ ...this.#metadata })),
    );
    for (const config of this.#configs.values()) append(out, { ...config, dts: time - zero });
    return out.view();
  }

  /**
   * Keeps a configuration for the publications to come.
   *
   * False when it is what is kept already: nothing needs to be sent.
   */
  keep(config: UploadPacket): boolean {
    const known = this.#configs.get(config.kind);
    if (known && isSame(known.body, config.body)) return false;
    this.#configs.set(config.kind, config);
    return true;
  }

  /** The bytes of a packet; undefined for a frame that nobody could decode, since no key frame has come before. */
  tag(packet: UploadPacket): Uint8Array | undefined {
    this.#codecs.set(packet.kind, packet.codec);
    if (packet.role === "key") this.#needsKey = false;
    else if (packet.role === "delta" && this.#needsKey) return undefined;
    const out = new ByteWriter(packet.body.length + TAG_OVERHEAD_BYTES);
    append(out, { ...packet, dts: Math.max(0, packet.dts - this.#zero) });
    return out.view();
  }
}

function append(out: ByteWriter, { kind, dts, body }: UploadPacket): void {
  writeFlvTag(out, kind === "video" ? TAG_VIDEO : TAG_AUDIO, milliseconds(dts), body);
}

function milliseconds(time: number): number {
  return Math.floor(time / 1000);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
