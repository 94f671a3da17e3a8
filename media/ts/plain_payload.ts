import { type Payload, type PieceSink, STREAM_ID_AUDIO, STREAM_ID_PRIVATE } from "./payload.ts";
import { type ElementaryStream, registration } from "./psi.ts";

const NO_DESCRIPTORS = new Uint8Array(0);

const MPEG1_AUDIO: ElementaryStream = { streamType: 0x03, descriptors: NO_DESCRIPTORS };
const MPEG2_AUDIO: ElementaryStream = { streamType: 0x04, descriptors: NO_DESCRIPTORS };

/** The bit of an MPEG audio frame that is set in MPEG-1 alone (ISO/IEC 11172-3, 2.4.2.3). */
const MPEG1_BIT = 0x08;

/** Frames that describe themselves and are written as they are. */
class PlainPayload implements Payload {
  constructor(readonly streamId: number, public description: ElementaryStream) {}

  configure(): void {}

  measure(frame: Uint8Array): number {
    return frame.length;
  }

  write(frame: Uint8Array, _isKey: boolean, out: PieceSink): void {
    out.write(frame);
  }
}

/** MPEG audio: MP3 and its elder layers. The lower sample rates have a stream type of their own. */
export class Mp3Payload extends PlainPayload {
  constructor() {
    super(STREAM_ID_AUDIO, MPEG1_AUDIO);
  }

  override measure(frame: Uint8Array): number {
    this.description = frame[1] & MPEG1_BIT ? MPEG1_AUDIO : MPEG2_AUDIO;
    return frame.length;
  }
}

/** AC-3 as ATSC has it (A/52, annex A), which is also how HLS has it. */
export function ac3Payload(): Payload {
  return new PlainPayload(STREAM_ID_PRIVATE, { streamType: 0x81, descriptors: registration("AC-3") });
}

/** E-AC-3 as ATSC has it (A/52, annex G), which is also how HLS has it. */
export function eac3Payload(): Payload {
  return new PlainPayload(STREAM_ID_PRIVATE, { streamType: 0x87, descriptors: registration("EAC3") });
}
