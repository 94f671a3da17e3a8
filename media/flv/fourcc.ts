import type { Codec, KnownCodec, MediaKind } from "../packet.ts";

/** The FourCCs of enhanced RTMP by codec. */
export const FOURCC: Readonly<Partial<Record<KnownCodec, number>>> = {
  avc: fourCc("avc1"),
  hevc: fourCc("hvc1"),
  vvc: fourCc("vvc1"),
  av1: fourCc("av01"),
  vp8: fourCc("vp08"),
  vp9: fourCc("vp09"),
  aac: fourCc("mp4a"),
  mp3: fourCc(".mp3"),
  opus: fourCc("Opus"),
  flac: fourCc("fLaC"),
  ac3: fourCc("ac-3"),
  eac3: fourCc("ec-3"),
};

const CODECS: ReadonlyMap<number, KnownCodec> = new Map(
  Object.entries(FOURCC).map(([codec, value]) => [value, codec as KnownCodec]),
);

/** Four ASCII characters as the big-endian number that enhanced RTMP writes them as. */
export function fourCc(text: string): number {
  return (text.charCodeAt(0) << 24 | text.charCodeAt(1) << 16 | text.charCodeAt(2) << 8 | text.charCodeAt(3)) >>> 0;
}

/** The codec of a FourCC; for one that is not known a name made of the kind and the FourCC. */
export function codecOf(kind: MediaKind, value: number): Codec {
  return CODECS.get(value) ?? unknownCodec(kind, value);
}

/** A name made of the kind and the FourCC: in characters where all can be printed, else in hexadecimal digits. */
export function unknownCodec(kind: MediaKind, value: number): Codec {
  const text = String.fromCharCode(value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff);
  return `${kind}-${/^[!-~]{4}$/.test(text) ? text : value.toString(16).padStart(8, "0")}`;
}
