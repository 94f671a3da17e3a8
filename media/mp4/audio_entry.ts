import { parseAacConfig } from "../codec/aac.ts";
import { parseAc3Header } from "../codec/ac3.ts";
import { parseFlacConfig } from "../codec/flac.ts";
import { parseMp3Header } from "../codec/mp3.ts";
import { OPUS_SAMPLE_RATE, parseOpusHead } from "../codec/opus.ts";
import { FormatError } from "../errors.ts";
import { box, fields, fullBox, type Writable } from "./box.ts";
import { describeEac3 } from "./eac3_box.ts";
import { esds } from "./esds.ts";

/** What an audio sample entry is made of. */
interface AudioFormat {
  readonly entry: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly configBox: Writable;
}

const NO_CONFIG = new Uint8Array(0);

/** A stereo stream whose decoder throws nothing away: what is written when no header was sent. */
const DEFAULT_OPUS = { channels: 2, preSkip: 0, inputSampleRate: OPUS_SAMPLE_RATE, outputGain: 0, mapping: NO_CONFIG };

/** Where the mapping family stands in an Opus header (RFC 7845, 5.1). */
const OPUS_FAMILY_OFFSET = 18;

/** Where a FLAC header's STREAMINFO begins: behind `fLaC` and the block's own header. */
const STREAMINFO_OFFSET = 8;
const STREAMINFO_BYTES = 34;

/** Codecs described by their configuration, then those described by a frame. */
const BY_CONFIG: Readonly<Record<string, (config: Uint8Array) => AudioFormat>> = { aac, flac };
const BY_FRAME: Readonly<Record<string, (frame: Uint8Array) => AudioFormat>> = { mp3, ac3, eac3 };

/** Whether there is an audio sample entry for the codec. */
export function hasAudioEntry(codec: string): boolean {
  return codec === "opus" || Object.hasOwn(BY_CONFIG, codec) || Object.hasOwn(BY_FRAME, codec);
}

/**
 * An audio sample entry (ISO/IEC 14496-12, 12.2.3) made from the codec's configuration, or for MP3, AC-3 and E-AC-3 from
 * any frame; undefined while that is missing. Throws {@linkcode FormatError} when it cannot be read.
 */
export function audioEntry(codec: string, config?: Uint8Array, frame?: Uint8Array): Writable | undefined {
  if (codec === "opus") return entryBox(opus(config));
  if (Object.hasOwn(BY_CONFIG, codec)) return config && entryBox(BY_CONFIG[codec](config));
  return frame && entryBox(BY_FRAME[codec](frame));
}

function entryBox({ entry, sampleRate, channels, configBox }: AudioFormat): Writable {
  // Rates beyond 16 bits do not fit; readers take them from the configuration.
  const rate = sampleRate <= 0xffff ? sampleRate : 0;
  const head = fields((out) => {
    out.u32(0).u16(0).u16(1).u32(0).u32(0).u16(channels).u16(16).u32(0).u16(rate).u16(0);
  });
  return box(entry, head, configBox);
}

function aac(config: Uint8Array): AudioFormat {
  const { sampleRate, channels } = parseAacConfig(config);
  return { entry: "mp4a", sampleRate, channels: channels || 2, configBox: esds("aac", config) };
}

function mp3(frame: Uint8Array): AudioFormat {
  const { version, sampleRate, channels } = parseMp3Header(frame);
  return { entry: "mp4a", sampleRate, channels, configBox: esds(version === 1 ? "mpeg1" : "mpeg2") };
}

/** Opus (Encapsulation of Opus in ISO Base Media File Format, 4.3). */
function opus(config: Uint8Array | undefined): AudioFormat {
  const { channels, preSkip, inputSampleRate, outputGain, mapping } = config ? readOpus(config) : DEFAULT_OPUS;
  const content = fields((out) => {
    out.u8(0).u8(channels).u16(preSkip).u32(inputSampleRate).u16(outputGain & 0xffff);
    if (mapping.length > 0) out.raw(mapping);
    else out.u8(0);
  });
  return { entry: "Opus", sampleRate: OPUS_SAMPLE_RATE, channels, configBox: box("dOps", content) };
}

/** The header with its mapping family and the table behind that. */
function readOpus(config: Uint8Array) {
  const head = parseOpusHead(config);
  const tableBytes = head.mappingFamily === 0 ? 0 : 2 + head.channels;
  const mapping = config.subarray(OPUS_FAMILY_OFFSET, OPUS_FAMILY_OFFSET + 1 + tableBytes);
  if (mapping.length <= tableBytes) throw new FormatError("Opus header ends before its channel mapping");
  return { ...head, mapping };
}

/** FLAC (Encapsulation of FLAC in ISO Base Media File Format, 3.3): its STREAMINFO, marked as the last block. */
function flac(config: Uint8Array): AudioFormat {
  const { sampleRate, channels } = parseFlacConfig(config);
  const streamInfo = config.subarray(STREAMINFO_OFFSET, STREAMINFO_OFFSET + STREAMINFO_BYTES);
  if (streamInfo.length < STREAMINFO_BYTES) throw new FormatError("FLAC header ends in its STREAMINFO");
  const content = fields((out) => out.u8(0x80).u24(STREAMINFO_BYTES).raw(streamInfo));
  return { entry: "fLaC", sampleRate, channels, configBox: fullBox("dfLa", 0, 0, content) };
}

/** AC-3 (ETSI TS 102 366, F.3 and F.4). */
function ac3(frame: Uint8Array): AudioFormat {
  const { fscod, bsid, bsmod, acmod, lfeon, bitRateCode, sampleRate, channels } = parseAc3Header(frame);
  const bits = fscod << 22 | bsid << 17 | bsmod << 14 | acmod << 11 | (lfeon ? 1 << 10 : 0) | bitRateCode << 5;
  return { entry: "ac-3", sampleRate, channels, configBox: box("dac3", fields((out) => out.u24(bits))) };
}

/** E-AC-3 (ETSI TS 102 366, F.5 and F.6). */
function eac3(packet: Uint8Array): AudioFormat {
  return { entry: "ec-3", ...describeEac3(packet) };
}
