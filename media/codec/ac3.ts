import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";

/** What the header of an AC-3 frame says (ETSI TS 102 366, 4.3 and 4.4). */
export interface Ac3Header {
  /** The index of the sample rate. */
  readonly fscod: number;
  /** In Hz. */
  readonly sampleRate: number;
  readonly bsid: number;
  readonly bsmod: number;
  /** Which channels there are besides that for low frequencies. */
  readonly acmod: number;
  readonly lfeon: boolean;
  readonly channels: number;
  /** The index of the bit rate. */
  readonly bitRateCode: number;
}

/** What the header of an E-AC-3 frame says (ETSI TS 102 366, E.1.2 and E.1.3). */
export interface Eac3Header {
  /** 0 stands by itself, 1 adds to the one before, 2 was AC-3. */
  readonly streamType: number;
  readonly substream: number;
  /** The length of this frame, in bytes. */
  readonly bytes: number;
  readonly fscod: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples per channel. */
  readonly samples: number;
  readonly bsid: number;
  readonly acmod: number;
  readonly lfeon: boolean;
  readonly channels: number;
  /** Where the channels of a dependent substream are; 0 when it does not say. */
  readonly channelMap: number;
}

/** Samples in an AC-3 frame. */
export const AC3_SAMPLES = 1536;

/**
 * The most frames in an E-AC-3 packet: 8 programmes, each with 8 dependent substreams, in 6 pieces. A packet of 8 MB could
 * announce a million.
 */
export const MAX_EAC3_FRAMES = 8 * 9 * 6;

const SYNC = 0x0b77;
const BLOCK_SAMPLES = 256;
const SAMPLE_RATES: readonly number[] = [48_000, 44_100, 32_000];
const CHANNELS: readonly number[] = [2, 1, 2, 3, 3, 4, 4, 5];
const BLOCKS: readonly number[] = [1, 2, 3, 6];
const REDUCED_RATE = 3;
const DEPENDENT = 1;

/** Reads the header that an AC-3 frame begins with. Throws {@linkcode FormatError} when there is none. */
export function parseAc3Header(frame: Uint8Array): Ac3Header {
  const bits = openFrame(frame);
  bits.skip(16);
  const fscod = bits.bits(2);
  const bitRateCode = bits.bits(6) >> 1;
  const bsid = bits.bits(5);
  const bsmod = bits.bits(3);
  const acmod = bits.bits(3);
  if (fscod === REDUCED_RATE) throw new FormatError("AC-3 frame has a reserved sample rate");
  if (acmod & 1 && acmod !== 1) bits.skip(2);
  if (acmod & 4) bits.skip(2);
  if (acmod === 2) bits.skip(2);
  const lfeon = bits.flag();
  const channels = CHANNELS[acmod] + (lfeon ? 1 : 0);
  return { fscod, sampleRate: SAMPLE_RATES[fscod], bsid, bsmod, acmod, lfeon, channels, bitRateCode };
}

/** Reads the header that an E-AC-3 frame begins with. Throws {@linkcode FormatError} when there is none. */
export function parseEac3Header(frame: Uint8Array): Eac3Header {
  const bits = openFrame(frame);
  const streamType = bits.bits(2);
  const substream = bits.bits(3);
  const bytes = (bits.bits(11) + 1) * 2;
  const fscod = bits.bits(2);
  const second = bits.bits(2);
  const acmod = bits.bits(3);
  const lfeon = bits.flag();
  const bsid = bits.bits(5);
  const reduced = fscod === REDUCED_RATE;
  if (reduced && second === REDUCED_RATE) throw new FormatError("E-AC-3 frame has a reserved sample rate");
  return {
    streamType,
    substream,
    bytes,
    fscod,
    sampleRate: reduced ? SAMPLE_RATES[second] / 2 : SAMPLE_RATES[fscod],
    samples: (reduced ? 6 : BLOCKS[second]) * BLOCK_SAMPLES,
    bsid,
    acmod,
    lfeon,
    channels: CHANNELS[acmod] + (lfeon ? 1 : 0),
    channelMap: streamType === DEPENDENT ? readChannelMap(bits, acmod) : 0,
  };
}

/** The headers of all frames that one E-AC-3 packet holds, at least one. Throws {@linkcode FormatError}. */
export function parseEac3Packet(packet: Uint8Array): Eac3Header[] {
  const headers: Eac3Header[] = [];
  let at = 0;
  do {
    if (headers.length === MAX_EAC3_FRAMES) throw new FormatError(`E-AC-3 packet has over ${MAX_EAC3_FRAMES} frames`);
    const header = parseEac3Header(packet.subarray(at));
    headers.push(header);
    at += header.bytes;
  } while (at < packet.length);
  return headers;
}

/** How many samples the main programme of an E-AC-3 packet has. Throws {@linkcode FormatError}. */
export function eac3Samples(packet: Uint8Array): number {
  let samples = 0;
  for (const header of parseEac3Packet(packet)) {
    if (header.streamType !== DEPENDENT && header.substream === 0) samples += header.samples;
  }
  return samples;
}

function openFrame(frame: Uint8Array): BitReader {
  const bits = new BitReader(frame);
  if (bits.bits(16) !== SYNC) throw new FormatError("AC-3 frame does not begin with 0b77");
  return bits;
}

function readChannelMap(bits: BitReader, acmod: number): number {
  for (let programmes = acmod === 0 ? 2 : 1; programmes > 0; programmes--) {
    bits.skip(5);
    if (bits.flag()) bits.skip(8);
  }
  return bits.flag() ? bits.bits(16) : 0;
}
