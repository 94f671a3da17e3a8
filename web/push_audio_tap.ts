/// <reference lib="dom" />
/**
 * Runs beside the page's audio graph and hands it what is heard, in blocks of {@linkcode BLOCK_FRAMES}.
 *
 * Blocks come also while the tab is in the background, where timers nearly stand still: they are the page's clock.
 *
 * @module
 */
import { BLOCK_FRAMES, type SoundBlock, TAP_NAME } from "./push/capture/sound_block.ts";

/** The scope of an audio worklet, which the DOM's types do not describe. */
interface WorkletScope {
  readonly currentFrame: number;
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  registerProcessor(name: string, processor: new () => unknown): void;
}

const CHANNELS = 2;
const scope = globalThis as unknown as WorkletScope;

class AudioTap extends scope.AudioWorkletProcessor {
  #channels = emptyBlock();
  #filled = 0;
  #start = 0;

  /** Called for every 128 frames; one channel is given out as two. */
  process([input]: Float32Array[][]): boolean {
    if (this.#filled === 0) this.#start = scope.currentFrame;
    const length = input[0]?.length ?? 128;
    this.#channels.forEach((channel, i) => {
      const heard = input[i] ?? input[0];
      if (heard) channel.set(heard, this.#filled);
    });
    this.#filled += length;
    if (this.#filled >= BLOCK_FRAMES) this.#post();
    return true;
  }

  #post(): void {
    const block: SoundBlock = { start: this.#start, channels: this.#channels };
    this.port.postMessage(block, this.#channels.map(({ buffer }) => buffer));
    this.#channels = emptyBlock();
    this.#filled = 0;
  }
}

function emptyBlock(): Float32Array<ArrayBuffer>[] {
  return Array.from({ length: CHANNELS }, () => new Float32Array(BLOCK_FRAMES));
}

scope.registerProcessor(TAP_NAME, AudioTap);
