/** The rate at which sound is mixed and encoded, in Hz: Opus has no other, and every AAC decoder has it. */
export const SAMPLE_RATE = 48_000;

/** Frames in a block: one of AAC, 21 ms. */
export const BLOCK_FRAMES = 1024;

/** The name of the audio worklet that hands out blocks. */
export const TAP_NAME = "sluice-audio-tap";

/** A piece of the mixed sound. */
export interface SoundBlock {
  /** Where it begins, in frames since the audio graph began. */
  readonly start: number;
  /** Left and right, {@linkcode BLOCK_FRAMES} samples each, from -1 to 1. */
  readonly channels: readonly Float32Array<ArrayBuffer>[];
}

/** The loudest sample of a block in decibels, 0 at most; `-Infinity` for silence. */
export function peakOf({ channels }: SoundBlock): number {
  let peak = 0;
  for (const channel of channels) {
    for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  }
  return Math.min(0, 20 * Math.log10(peak));
}
