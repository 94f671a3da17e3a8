import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/** What an Opus identification header says (RFC 7845, 5.1). */
export interface OpusConfig {
  readonly channels: number;
  /** How many samples at 48 kHz a decoder throws away at the start. */
  readonly preSkip: number;
  /** The rate of the sound before it was encoded, in Hz; Opus itself always has 48 kHz. */
  readonly inputSampleRate: number;
  /** In 1/256 dB. */
  readonly outputGain: number;
  readonly mappingFamily: number;
  readonly codecString: "opus";
}

const MAGIC = "OpusHead";

/** The rate that Opus is decoded at, in Hz, whatever it was made from. */
export const OPUS_SAMPLE_RATE = 48_000;

/** Reads an identification header. Throws {@linkcode FormatError} when it is none, or of an incompatible version. */
export function parseOpusHead(bytes: Uint8Array): OpusConfig {
  const input = new ByteReader(bytes);
  if (input.text(MAGIC.length) !== MAGIC) throw new FormatError(`Opus header does not begin with "${MAGIC}"`);
  const version = input.u8();
  if (version > 15) throw new FormatError(`Opus header has version ${version}, which is not compatible with 1`);
  const channels = input.u8();
  const fields = input.raw(8);
  const view = new DataView(fields.buffer, fields.byteOffset);
  return {
    channels,
    preSkip: view.getUint16(0, true),
    inputSampleRate: view.getUint32(2, true),
    outputGain: view.getInt16(6, true),
    mappingFamily: input.u8(),
    codecString: "opus",
  };
}

/** Samples of one frame by the configuration number of the packet (RFC 6716, table 2). */
const FRAME_SAMPLES: readonly number[] = [
  ...[480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880],
  ...[480, 960, 480, 960],
  ...[120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960],
];

/** How many samples at 48 kHz an Opus packet has, 0 for an empty one (RFC 6716, 3.1 and 3.2). */
export function opusSamples(packet: Uint8Array): number {
  if (packet.length === 0) return 0;
  const code = packet[0] & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : packet[1] & 0x3f;
  return FRAME_SAMPLES[packet[0] >> 3] * frames;
}
