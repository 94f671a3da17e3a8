import { parseOpusHead } from "../codec/opus.ts";
import { type Payload, type PieceSink, STREAM_ID_PRIVATE } from "./payload.ts";
import { type ElementaryStream, registration } from "./psi.ts";

const STREAM_TYPE_PRIVATE = 0x06;
const EXTENSION_DESCRIPTOR = 0x7f;
const OPUS_DESCRIPTOR = 0x80;

/** Up to this many channels have a layout of their own number. */
const MAX_CHANNELS = 8;

const DEFAULT_CHANNELS = 2;

/** The most that one size byte of the control header counts. */
const FULL_SIZE_BYTE = 0xff;
const FULL_SIZE: Uint8Array = new Uint8Array(256).fill(FULL_SIZE_BYTE);

/** Opus packets, each behind a control header (Opus in MPEG-TS, ETSI TS draft 0.1.3, 4 and 5). */
export class OpusPayload implements Payload {
  readonly streamId = STREAM_ID_PRIVATE;
  description: ElementaryStream | undefined = describe(DEFAULT_CHANNELS);
  #channels = DEFAULT_CHANNELS;
  /** The header's 11 bits of prefix without trimming, and the last size byte. */
  readonly #control = Uint8Array.of(0x7f, 0xe0);
  readonly #rest = new Uint8Array(1);

  configure(config: Uint8Array): void {
    const { channels } = parseOpusHead(config);
    if (channels === this.#channels) return;
    this.#channels = channels;
    this.description = channels >= 1 && channels <= MAX_CHANNELS ? describe(channels) : undefined;
  }

  measure(frame: Uint8Array): number {
    return this.#control.length + Math.floor(frame.length / FULL_SIZE_BYTE) + 1 + frame.length;
  }

  write(frame: Uint8Array, _isKey: boolean, out: PieceSink): void {
    out.write(this.#control);
    for (let full = Math.floor(frame.length / FULL_SIZE_BYTE); full > 0; full -= FULL_SIZE.length) {
      out.write(FULL_SIZE.subarray(0, full));
    }
    this.#rest[0] = frame.length % FULL_SIZE_BYTE;
    out.write(this.#rest);
    out.write(frame);
  }
}

function describe(channels: number): ElementaryStream {
  const extension = Uint8Array.of(EXTENSION_DESCRIPTOR, 2, OPUS_DESCRIPTOR, channels);
  return { streamType: STREAM_TYPE_PRIVATE, descriptors: Uint8Array.of(...registration("Opus"), ...extension) };
}
