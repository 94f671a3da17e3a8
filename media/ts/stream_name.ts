import type { ElementaryStream } from "./psi.ts";

/** An elementary stream as people call it. */
export interface NamedStream {
  readonly kind: "video" | "audio";
  readonly name: string;
}

const video = (name: string): NamedStream => ({ kind: "video", name });
const audio = (name: string): NamedStream => ({ kind: "audio", name });

/** Stream types (ISO/IEC 13818-1, table 2-34), and those of its private range that mean the same everywhere: ATSC's and AVS's. */
const TYPES: ReadonlyMap<number, NamedStream> = new Map([
  [0x01, video("MPEG-1 video")],
  [0x02, video("MPEG-2 video")],
  [0x03, audio("MPEG-1 audio")],
  [0x04, audio("MPEG-2 audio")],
  [0x0f, audio("AAC")],
  [0x10, video("MPEG-4 Visual")],
  [0x11, audio("AAC in LATM")],
  [0x1b, video("H.264")],
  [0x21, video("JPEG 2000")],
  [0x24, video("H.265")],
  [0x33, video("H.266")],
  [0x42, video("AVS")],
  [0x81, audio("AC-3")],
  [0x82, audio("DTS")],
  [0x83, audio("TrueHD")],
  [0x87, audio("E-AC-3")],
  [0x8a, audio("DTS")],
  [0xd2, video("AVS2")],
  [0xd4, video("AVS3")],
  [0xea, video("VC-1")],
]);

/** Private data, which descriptors tell apart. */
const PRIVATE = 0x06;

/** What registration descriptors call private streams (SMPTE's registry). */
const FORMATS: ReadonlyMap<string, NamedStream> = new Map([
  ["AC-3", audio("AC-3")],
  ["EAC3", audio("E-AC-3")],
  ["AC-4", audio("AC-4")],
  ["DTS1", audio("DTS")],
  ["DTS2", audio("DTS")],
  ["DTS3", audio("DTS")],
  ["Opus", audio("Opus")],
  ["BSSD", audio("SMPTE 302M")],
  ["AV01", video("AV1")],
  ["VC-1", video("VC-1")],
  ["HEVC", video("H.265")],
  ["drac", video("Dirac")],
]);

/** Descriptors of DVB (EN 300 468, 6.1 and annex D). */
const DESCRIPTORS: ReadonlyMap<number, NamedStream> = new Map([
  [0x6a, audio("AC-3")],
  [0x7a, audio("E-AC-3")],
  [0x7b, audio("DTS")],
]);

const REGISTRATION = 0x05;

/** What an elementary stream holds, when that is pictures or sound of a kind that is known. */
export function streamName({ streamType, descriptors }: ElementaryStream): NamedStream | undefined {
  const { formats, tags } = descriptorsIn(descriptors);
  if (streamType !== PRIVATE) return TYPES.get(streamType);
  return first(formats, FORMATS) ?? first(tags, DESCRIPTORS);
}

function first<K>(keys: readonly K[], names: ReadonlyMap<K, NamedStream>): NamedStream | undefined {
  return keys.map((key) => names.get(key)).find((name) => name !== undefined);
}

function descriptorsIn(bytes: Uint8Array): { readonly formats: string[]; readonly tags: number[] } {
  const formats: string[] = [];
  const tags: number[] = [];
  for (let at = 0; at + 2 <= bytes.length; at += 2 + bytes[at + 1]) {
    tags.push(bytes[at]);
    if (bytes[at] === REGISTRATION) formats.push(String.fromCharCode(...bytes.subarray(at + 2, at + 6)));
  }
  return { formats, tags };
}
