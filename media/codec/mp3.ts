import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";

/** What the header of an MPEG audio frame says (ISO/IEC 11172-3, 2.4.1.3; ISO/IEC 13818-3, 2.4.2.3). */
export interface Mp3Header {
  /** 2.5 is the extension for the lowest rates, in no standard. */
  readonly version: 1 | 2 | 2.5;
  /** 3 is MP3 proper. */
  readonly layer: 1 | 2 | 3;
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Samples per frame and channel. */
  readonly samples: number;
}

const SYNC = 0x7ff;
const VERSIONS = [2.5, undefined, 2, 1] as const;
const LAYERS = [undefined, 3, 2, 1] as const;
const SAMPLE_RATES: readonly (number | undefined)[] = [44_100, 48_000, 32_000, undefined];
/** How often the rate of a version goes into that of version 1. */
const DIVISORS = { 1: 1, 2: 2, 2.5: 4 } as const;
const MODE_MONO = 3;

/** Reads the header that an MPEG audio frame begins with. Throws {@linkcode FormatError} when there is none. */
export function parseMp3Header(frame: Uint8Array): Mp3Header {
  const bits = new BitReader(frame);
  const sync = bits.bits(11);
  const version = VERSIONS[bits.bits(2)];
  const layer = LAYERS[bits.bits(2)];
  bits.skip(1 + 4);
  const fullRate = SAMPLE_RATES[bits.bits(2)];
  bits.skip(2);
  const mode = bits.bits(2);
  if (sync !== SYNC || !version || !layer || !fullRate) throw new FormatError("MPEG audio frame has no valid header");
  const sampleRate = fullRate / DIVISORS[version];
  return { version, layer, sampleRate, channels: mode === MODE_MONO ? 1 : 2, samples: frameSamples(version, layer) };
}

function frameSamples(version: number, layer: number): number {
  if (layer === 1) return 384;
  return layer === 3 && version !== 1 ? 576 : 1152;
}
