import { FormatError } from "../errors.ts";
import type { Codec } from "../packet.ts";
import { parseAacConfig } from "./aac.ts";
import { parseAv1Config } from "./av1.ts";
import { parseAvcConfig } from "./avc.ts";
import { parseFlacConfig } from "./flac.ts";
import { parseHevcConfig } from "./hevc.ts";
import { OPUS_SAMPLE_RATE, parseOpusHead } from "./opus.ts";
import { parseVpConfig, vpCodecString } from "./vp.ts";

/** What is known of a track from its decoder configuration. */
export interface CodecDescription {
  /** As in `codecs=` (RFC 6381). */
  readonly codecString?: string;
  /** The codec's own number for its profile. */
  readonly profile?: number;
  /** As people write it: 3.1. */
  readonly level?: number;
  /** In pixels. */
  readonly width?: number;
  /** In pixels. */
  readonly height?: number;
  readonly bitDepth?: number;
  /** The rate that is heard, in Hz. */
  readonly sampleRate?: number;
  /** 0 when the stream itself describes its channels. */
  readonly channels?: number;
}

/** Codecs that need no configuration. */
const WITHOUT_CONFIG: Readonly<Record<string, CodecDescription>> = {
  mp3: { codecString: "mp3" },
  ac3: { codecString: "ac-3" },
  eac3: { codecString: "ec-3" },
  opus: { codecString: "opus", sampleRate: OPUS_SAMPLE_RATE },
};

const DESCRIBERS: Readonly<Record<string, (config: Uint8Array) => CodecDescription>> = {
  avc: describeAvc,
  hevc: describeHevc,
  av1: describeAv1,
  vp8: (config) => describeVp("vp08", config),
  vp9: (config) => describeVp("vp09", config),
  aac: describeAac,
  opus: describeOpus,
  flac: parseFlacConfig,
};

/**
 * Describes a track for people, players and metadata; `config` is the `data` of its newest `config` packet.
 *
 * Empty for codecs that are not known and for configurations that cannot be read. Never throws.
 */
export function describeCodec(codec: Codec, config?: Uint8Array): CodecDescription {
  const describe = Object.hasOwn(DESCRIBERS, codec) ? DESCRIBERS[codec] : undefined;
  const fallback = Object.hasOwn(WITHOUT_CONFIG, codec) ? WITHOUT_CONFIG[codec] : {};
  if (!describe || !config) return fallback;
  try {
    return describe(config);
  } catch (error) {
    if (error instanceof FormatError) return fallback;
    throw error;
  }
}

function describeAvc(config: Uint8Array): CodecDescription {
  const { codecString, profile, level, picture } = parseAvcConfig(config);
  const { width, height, bitDepth } = picture ?? {};
  return { codecString, profile, level: level / 10, width, height, bitDepth };
}

function describeHevc(config: Uint8Array): CodecDescription {
  const { codecString, profile, level, picture, bitDepth } = parseHevcConfig(config);
  return { codecString, profile, level: level / 30, width: picture?.width, height: picture?.height, bitDepth };
}

function describeAv1(config: Uint8Array): CodecDescription {
  const { codecString, profile, level, picture, bitDepth } = parseAv1Config(config);
  const number = 2 + (level >> 2) + (level & 3) / 10;
  return { codecString, profile, level: number, width: picture?.width, height: picture?.height, bitDepth };
}

function describeVp(fourCc: "vp08" | "vp09", config: Uint8Array): CodecDescription {
  const record = parseVpConfig(config);
  const { profile, level, bitDepth } = record;
  return { codecString: vpCodecString(fourCc, record), profile, level: level / 10, bitDepth };
}

function describeAac(config: Uint8Array): CodecDescription {
  const { codecString, objectType, outputSampleRate, channels } = parseAacConfig(config);
  return { codecString, profile: objectType, sampleRate: outputSampleRate, channels };
}

function describeOpus(config: Uint8Array): CodecDescription {
  const { codecString, channels } = parseOpusHead(config);
  return { codecString, sampleRate: OPUS_SAMPLE_RATE, channels };
}
