/** A picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size in which a picture is sent: its own proportions, its shorter side at most `limit`, never enlarged, both sides
 * even, as 4:2:0 needs it. `limit` 1080 makes 1920 × 1080 of a screen and 1080 × 1920 of a phone held upright.
 */
export function fitSize({ width, height }: Size, limit: number): Size {
  const scale = Math.min(1, limit / Math.min(width, height));
  return { width: even(width * scale), height: even(height * scale) };
}

/** A wide picture, 16 to 9, with such a shorter side; both sides even. */
export function wideSize(shortSide: number): Size {
  return { width: even(shortSide * 16 / 9), height: even(shortSide) };
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

/** Bits per pixel and frame at which H.264 looks well at 30 frames a second. */
const BITS_PER_PIXEL = 0.09;

/** What newer codecs need of it. */
const THRIFT: Readonly<Record<string, number>> = { avc: 1, hevc: 0.7, vp9: 0.7, av1: 0.6 };

/** The next bit rates that are round, in bits per second. */
const ROUND = 100_000;

/** A bit rate at which a picture of this size looks well, in bits per second. More frames need less each. */
export function suggestedBitrate({ width, height }: Size, framesPerSecond: number, codec: string): number {
  const frames = 30 * Math.sqrt(framesPerSecond / 30);
  const bitrate = width * height * frames * BITS_PER_PIXEL * (THRIFT[codec] ?? 1);
  return Math.max(ROUND, Math.round(bitrate / ROUND) * ROUND);
}
