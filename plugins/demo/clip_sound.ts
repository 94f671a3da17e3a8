/**
 * Plays the demo clip's sound: a soft pluck on every second over a quiet chord, repeating with the picture.
 *
 * @module
 */
import { LOOP_SECONDS } from "./clip_picture.ts";

/** 48 kHz, because 8 s of it are exactly 375 AAC frames of 1024 samples. */
export const SAMPLE_RATE = 48_000;

const TURN = 2 * Math.PI;
/** One note per second, in semitones above {@linkcode BASE_HZ}: up and down a pentatonic scale. */
const MELODY = [0, 4, 7, 9, 12, 9, 7, 4];
const CHORD = [-12, -5, 0];
const BASE_HZ = 261.63;
const PLUCK_LEVEL = 0.16;
const CHORD_LEVEL = 0.012;
/** After this long a pluck is inaudible (e^-9). */
const PLUCK_SECONDS = 3;

/** One loop of mono samples, 16 bits signed, that leads into itself without a click. */
export function playLoop(): Int16Array {
  const sum = new Float64Array(LOOP_SECONDS * SAMPLE_RATE);
  MELODY.forEach((semitones, second) => addPluck(sum, second, hertz(semitones)));
  for (const semitones of CHORD) addTone(sum, wholeCycles(hertz(semitones)));
  return Int16Array.from(sum, (level) => Math.round(Math.max(-1, Math.min(1, level)) * 0x7fff));
}

/** A note that starts at `second`; what rings on past the end goes to the start, where the loop goes on. */
function addPluck(sum: Float64Array, second: number, frequency: number): void {
  for (let i = 0; i < PLUCK_SECONDS * SAMPLE_RATE; i++) {
    const time = i / SAMPLE_RATE;
    const attack = Math.min(1, time / 0.006);
    const phase = TURN * frequency * time;
    const tone = Math.sin(phase) + 0.35 * Math.sin(2 * phase) * Math.exp(-4 * time) +
      0.12 * Math.sin(3 * phase) * Math.exp(-9 * time);
    sum[(second * SAMPLE_RATE + i) % sum.length] += PLUCK_LEVEL * attack * Math.exp(-3 * time) * tone;
  }
}

function addTone(sum: Float64Array, frequency: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += CHORD_LEVEL * Math.sin(TURN * frequency * i / SAMPLE_RATE);
}

function hertz(semitones: number): number {
  return BASE_HZ * 2 ** (semitones / 12);
}

/** The nearest frequency with a whole number of cycles in the loop. */
function wholeCycles(frequency: number): number {
  return Math.round(frequency * LOOP_SECONDS) / LOOP_SECONDS;
}
