import { FormatError } from "../errors.ts";
import type { Codec } from "../packet.ts";
import { parseAacConfig } from "./aac.ts";
import { AC3_SAMPLES, eac3Samples, parseAc3Header, parseEac3Header } from "./ac3.ts";
import { flacSamples, parseFlacConfig } from "./flac.ts";
import { parseMp3Header } from "./mp3.ts";
import { OPUS_SAMPLE_RATE, opusSamples } from "./opus.ts";

/** How long the frames of an audio track are, by what they say themselves. */
export interface AudioClock {
  /** The rate that samples are counted at, in Hz. */
  readonly sampleRate: number;
  /** How many samples a frame has; 0 when it does not tell. Never throws. */
  samples(frame: Uint8Array): number;
}

type Opener = (config: Uint8Array | undefined, frame: Uint8Array | undefined) => AudioClock | undefined;

const OPENERS: Readonly<Record<string, Opener>> = {
  aac: openAac,
  opus: () => ({ sampleRate: OPUS_SAMPLE_RATE, samples: opusSamples }),
  flac: (config) => config && { sampleRate: parseFlacConfig(config).sampleRate, samples: tolerant(flacSamples) },
  mp3: (_, frame) => frame && { sampleRate: parseMp3Header(frame).sampleRate, samples: tolerant(mp3Samples) },
  ac3: (_, frame) => frame && { sampleRate: parseAc3Header(frame).sampleRate, samples: () => AC3_SAMPLES },
  eac3: (_, frame) => frame && { sampleRate: parseEac3Header(frame).sampleRate, samples: tolerant(eac3Samples) },
};

/**
 * The clock of an audio track: AAC and FLAC have it in their configuration, MP3, AC-3 and E-AC-3 in any frame, Opus always.
 *
 * Undefined when the codec is not known, or when what it has the clock in is missing or cannot be read. Never throws.
 */
export function openAudioClock(codec: Codec, config?: Uint8Array, frame?: Uint8Array): AudioClock | undefined {
  if (!Object.hasOwn(OPENERS, codec)) return undefined;
  try {
    return OPENERS[codec](config, frame);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function openAac(config: Uint8Array | undefined): AudioClock | undefined {
  if (!config) return undefined;
  const { sampleRate, frameSamples } = parseAacConfig(config);
  return { sampleRate, samples: () => frameSamples };
}

function mp3Samples(frame: Uint8Array): number {
  return parseMp3Header(frame).samples;
}

/** Gives 0 for frames that cannot be read. */
function tolerant(samples: (frame: Uint8Array) => number): (frame: Uint8Array) => number {
  return (frame) => {
    try {
      return samples(frame);
    } catch (error) {
      if (error instanceof FormatError) return 0;
      throw error;
    }
  };
}
