import { STAMP_BYTES, writeStamp } from "./stamp.ts";
import { TAG_AUDIO, TAG_VIDEO } from "../../media/flv/tag.ts";

/** Pictures per second. */
const FRAME_RATE = 30;

/** Pictures from one key frame to the next: two seconds. */
const GOP_FRAMES = 60;

/** How much larger a key frame is than the mean. */
const KEY_FACTOR = 5;

/** Samples per second, and in one AAC frame. */
const SAMPLE_RATE = 44_100;
const AAC_SAMPLES = 1024;

/** 128 kbit/s of sound. */
const AUDIO_KBPS = 128;
const AUDIO_BYTES = Math.round(AUDIO_KBPS * 1000 / 8 * AAC_SAMPLES / SAMPLE_RATE);

/** The FLV video tag's header and the NAL unit's length and type; the stamp follows. */
const STAMP_OFFSET = 10;
const LEAST_VIDEO_BYTES = STAMP_OFFSET + STAMP_BYTES + 8;

/** One FLV tag body and when it is to be sent. */
export interface Frame {
  readonly tagType: typeof TAG_AUDIO | typeof TAG_VIDEO;
  /** Milliseconds since the stream began, with fractions. */
  readonly at: number;
  readonly body: Uint8Array;
}

/** The decoder configurations with which a stream begins: 1280 × 720 H.264 High and 44.1 kHz stereo AAC-LC. */
export const CONFIGS: readonly Frame[] = [
  {
    tagType: TAG_VIDEO,
    at: 0,
    body: fromHex(
      "1700000000 0164001fffe1001a 6764001facd9405005bb0110000003001000000303c0f1831960 01000468efbcb0 fdf8f800",
    ),
  },
  { tagType: TAG_AUDIO, at: 0, body: fromHex("af001210") },
];

/** A stream shaped like H.264 at 30 pictures a second with a key frame every two, and AAC; no decoder would take it. */
export class FrameSource {
  readonly #keyBytes: number;
  readonly #deltaBytes: number;
  #pictures = 0;
  #sounds = 0;

  /** `kbps`: of sound and picture together. */
  constructor(kbps: number) {
    const mean = Math.max(0, kbps - AUDIO_KBPS) * 1000 / 8 / FRAME_RATE;
    this.#keyBytes = Math.max(LEAST_VIDEO_BYTES, Math.round(mean * KEY_FACTOR));
    this.#deltaBytes = Math.max(LEAST_VIDEO_BYTES, Math.round(mean * (GOP_FRAMES - KEY_FACTOR) / (GOP_FRAMES - 1)));
  }

  /** When the next frame is to be sent, in milliseconds since the stream began. */
  get dueAt(): number {
    return Math.min(this.#pictureAt, this.#soundAt);
  }

  /** The next frame; a picture carries `now`, a time of the shared clock. */
  next(now: number): Frame {
    return this.#pictureAt <= this.#soundAt ? this.#picture(now) : this.#sound();
  }

  get #pictureAt(): number {
    return this.#pictures * 1000 / FRAME_RATE;
  }

  get #soundAt(): number {
    return this.#sounds * AAC_SAMPLES * 1000 / SAMPLE_RATE;
  }

  #picture(now: number): Frame {
    const at = this.#pictureAt;
    const isKey = this.#pictures++ % GOP_FRAMES === 0;
    const body = noise(isKey ? this.#keyBytes : this.#deltaBytes);
    body.set(isKey ? [0x17, 1, 0, 0, 0] : [0x27, 1, 0, 0, 0]);
    new DataView(body.buffer).setUint32(5, body.length - 9);
    body[9] = isKey ? 0x65 : 0x41;
    writeStamp(body, STAMP_OFFSET, now);
    return { tagType: TAG_VIDEO, at, body };
  }

  #sound(): Frame {
    const at = this.#soundAt;
    this.#sounds++;
    const body = noise(AUDIO_BYTES);
    body.set([0xaf, 1]);
    return { tagType: TAG_AUDIO, at, body };
  }
}

/** Bytes that hold no zero, drawn once: drawing them for every frame would cost more than sending them. */
const POOL = Uint8Array.from({ length: 1 << 16 }, () => 1 + Math.floor(Math.random() * 255));
let poolAt = 0;

function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const piece = POOL.subarray(poolAt, poolAt + length - at);
    bytes.set(piece, at);
    at += piece.length;
    poolAt = (poolAt + piece.length) % POOL.length;
  }
  return bytes;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/g)!, (byte) => Number.parseInt(byte, 16));
}
