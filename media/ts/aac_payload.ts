import { AAC_SAMPLE_RATES, type AacConfig, parseAacConfig } from "../codec/aac.ts";
import { FormatError } from "../errors.ts";
import { programConfigElement } from "./program_config.ts";
import { type Payload, type PieceSink, STREAM_ID_AUDIO } from "./payload.ts";
import type { ElementaryStream } from "./psi.ts";

/** The length of an ADTS header without a checksum, in bytes. */
const ADTS_HEADER_BYTES = 7;

/** An ADTS frame's length has 13 bits. */
const MAX_ADTS_BYTES = 0x1fff;

/** An ADTS header has two bits for the object type, from 1, and three for the channels. */
const MAX_OBJECT_TYPE = 4;
const MAX_CHANNEL_CONFIGURATION = 7;

const DESCRIPTION: ElementaryStream = { streamType: 0x0f, descriptors: new Uint8Array(0) };

/** A decoder takes every ADTS frame for one of so many samples. */
const ADTS_SAMPLES = 1024;

const NO_ELEMENT: Uint8Array = new Uint8Array(0);

/** AAC as ADTS frames. */
export class AacPayload implements Payload {
  readonly streamId = STREAM_ID_AUDIO;
  description: ElementaryStream | undefined;
  #header: Uint8Array = new Uint8Array(ADTS_HEADER_BYTES);
  /** What describes the channels in front of each frame, where the header cannot. */
  #channels = NO_ELEMENT;

  configure(config: Uint8Array): void {
    const parsed = parseAacConfig(config);
    const header = adtsHeader(parsed);
    const channels = header && parsed.channelConfiguration === 0 ? programConfigElement(config) : NO_ELEMENT;
    this.description = header && DESCRIPTION;
    this.#header = header ?? this.#header;
    this.#channels = channels;
  }

  measure(frame: Uint8Array): number {
    const size = this.#size(frame);
    if (size > MAX_ADTS_BYTES) {
      throw new FormatError(`AAC frame of ${frame.length} bytes is longer than an ADTS frame can be`);
    }
    return size;
  }

  write(frame: Uint8Array, _isKey: boolean, out: PieceSink): void {
    const header = this.#header;
    const size = this.#size(frame);
    header[3] = header[3] & 0xfc | size >> 11;
    header[4] = size >> 3;
    header[5] = size << 5 | 0x1f;
    out.write(header);
    out.write(this.#channels);
    out.write(frame);
  }

  #size(frame: Uint8Array): number {
    return ADTS_HEADER_BYTES + this.#channels.length + frame.length;
  }
}

/**
 * The header of ADTS frames, their length left at 0, for a buffer fullness that varies (ISO/IEC 14496-3, 1.A.2.2).
 *
 * HE-AAC is announced as its core, and decoders find the rest. Channels that the configuration itself lists are announced
 * as described in the frames. Undefined for what ADTS cannot express: other object types than the first four, rates
 * outside the table, channel configurations beyond 7, frames of 960 samples.
 */
function adtsHeader(config: AacConfig): Uint8Array | undefined {
  const { objectType, sampleRate, channelConfiguration, frameSamples } = config;
  const rateIndex = AAC_SAMPLE_RATES.indexOf(sampleRate);
  if (objectType < 1 || objectType > MAX_OBJECT_TYPE || rateIndex < 0) return undefined;
  if (channelConfiguration > MAX_CHANNEL_CONFIGURATION || frameSamples !== ADTS_SAMPLES) return undefined;
  const profile = objectType - 1 << 6 | rateIndex << 2 | channelConfiguration >> 2;
  return Uint8Array.of(0xff, 0xf1, profile, channelConfiguration << 6, 0, 0x1f, 0xfc);
}
