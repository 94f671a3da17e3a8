// Made by web/build.ts from web/push_audio_tap.ts; sources 3cbb636a26bf88a15e0df4d8543853a7104113069c923bde3a348779b9f12027
// web/push/capture/sound_block.ts
var BLOCK_FRAMES = 1024;
var TAP_NAME = "sluice-audio-tap";

// web/push_audio_tap.ts
var CHANNELS = 2;
var scope = globalThis;
var AudioTap = class extends scope.AudioWorkletProcessor {
  #channels = emptyBlock();
  #filled = 0;
  #start = 0;
  /** Called for every 128 frames; one channel is given out as two. */
  process([input]) {
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
  #post() {
    const block = {
      start: this.#start,
      channels: this.#channels
    };
    this.port.postMessage(block, this.#channels.map(({ buffer }) => buffer));
    this.#channels = emptyBlock();
    this.#filled = 0;
  }
};
function emptyBlock() {
  return Array.from({
    length: CHANNELS
  }, () => new Float32Array(BLOCK_FRAMES));
}
scope.registerProcessor(TAP_NAME, AudioTap);
