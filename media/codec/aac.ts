import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";

/** What an AudioSpecificConfig says (ISO/IEC 14496-3, 1.6.2.1). */
export interface AacConfig {
  /** The audio object type that is decoded to begin with: 2 is LC, also for HE-AAC. */
  readonly objectType: number;
  /** The rate of the core codec, in Hz; the timescale of frames of {@linkcode AacConfig.frameSamples}. */
  readonly sampleRate: number;
  /** The rate that is heard, in Hz: twice the core's with spectral band replication. */
  readonly outputSampleRate: number;
  /** 0 when the stream itself describes its channels. */
  readonly channels: number;
  /** What the stream says of its channels, four bits (ISO/IEC 14496-3, table 1.19): 6 is 5.1, 7 is 7.1. */
  readonly channelConfiguration: number;
  /** Samples per frame at {@linkcode AacConfig.sampleRate}: 1024 or 960. */
  readonly frameSamples: number;
  /** Spectral band replication: HE-AAC. */
  readonly sbr: boolean;
  /** Parametric stereo: HE-AAC v2. */
  readonly ps: boolean;
  /** As in `codecs=` (RFC 6381): `mp4a.40.2`. */
  readonly codecString: string;
}

/** The sampling frequencies by their index (ISO/IEC 14496-3, table 1.18), in Hz. */
export const AAC_SAMPLE_RATES: readonly number[] = [
  96000,
  88200,
  64000,
  48000,
  44100,
  32000,
  24000,
  22050,
  16000,
  12000,
  11025,
  8000,
  7350,
];

/** By channel configuration (ISO/IEC 14496-3, table 1.19); 0 and the reserved ones leave it to the stream. */
const CHANNELS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0];

const EXPLICIT_RATE = 15;
const OBJECT_SBR = 5;
const OBJECT_PS = 29;
const OBJECT_ESCAPE = 31;

/** The object types whose configuration goes on with a GASpecificConfig, which begins with the frame length. */
const GENERAL_AUDIO: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);

/** Says that an extension follows a configuration which old decoders understand without it. */
const SYNC_EXTENSION = 0x2b7;
const SYNC_EXTENSION_PS = 0x548;

/** What HE-AAC adds to its core. */
interface Extension {
  /** In Hz. */
  readonly rate: number;
  readonly ps: boolean;
}

/** Reads an AudioSpecificConfig. Throws {@linkcode FormatError} when it is cut off or has a reserved sample rate. */
export function parseAacConfig(bytes: Uint8Array): AacConfig {
  const bits = new BitReader(bytes);
  const signalled = readObjectType(bits);
  const sampleRate = readSampleRate(bits);
  const channelConfiguration = bits.bits(4);
  const channels = CHANNELS[channelConfiguration];
  const explicit = signalled === OBJECT_SBR || signalled === OBJECT_PS;
  const explicitRate = explicit ? readSampleRate(bits) : undefined;
  const objectType = explicit ? readObjectType(bits) : signalled;
  const frameSamples = GENERAL_AUDIO.has(objectType) && bits.left > 0 && bits.flag() ? 960 : 1024;
  const extension = explicit
    ? { rate: explicitRate, ps: signalled === OBJECT_PS }
    : findExtension(bits, objectType, channels);
  return {
    objectType,
    sampleRate,
    outputSampleRate: extension?.rate ?? sampleRate,
    channels: extension?.ps && channels === 1 ? 2 : channels,
    channelConfiguration,
    frameSamples,
    sbr: extension !== undefined,
    ps: extension?.ps ?? false,
    codecString: `mp4a.40.${extension?.ps ? OBJECT_PS : extension ? OBJECT_SBR : objectType}`,
  };
}

function readObjectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === OBJECT_ESCAPE ? 32 + bits.bits(6) : type;
}

function readSampleRate(bits: BitReader): number {
  const index = bits.bits(4);
  const rate = index === EXPLICIT_RATE ? bits.bits(24) : AAC_SAMPLE_RATES[index];
  if (!rate) throw new FormatError(`AAC sample rate index ${index} is reserved`);
  return rate;
}

/**
 * The extension behind a general audio configuration (ISO/IEC 14496-3, 1.6.2.1). It is not looked for behind a
 * description of the channels in the configuration itself.
 */
function findExtension(bits: BitReader, objectType: number, channels: number): Extension | undefined {
  if (!GENERAL_AUDIO.has(objectType) || channels === 0 || bits.left < 2) return undefined;
  if (bits.flag()) bits.skip(Math.min(14, bits.left));
  if (bits.left < 1) return undefined;
  bits.skip(1);
  if (bits.left < 17 || bits.bits(11) !== SYNC_EXTENSION) return undefined;
  if (readObjectType(bits) !== OBJECT_SBR || bits.left < 5 || !bits.flag()) return undefined;
  const rate = readSampleRate(bits);
  const ps = bits.left >= 12 && bits.bits(11) === SYNC_EXTENSION_PS && bits.flag();
  return { rate, ps };
}
