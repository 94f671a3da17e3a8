/// <reference lib="dom" />
/**
 * AAC for browsers whose WebCodecs encode none: an encoder in WebAssembly, loaded only when it is needed.
 *
 * @module
 */
import { registerAacEncoder } from "@mediabunny/aac-encoder";
import { AdtsOutputFormat, AudioSample, AudioSampleSource, NullTarget, Output } from "mediabunny";
import type { EncodedSound, OpenSoundEncoder, SoundEncoder, SoundFormat } from "./push/encode/sound_encoding.ts";
import { copyOf } from "./push/encode/copy_bytes.ts";
import type { SoundBlock } from "./push/capture/sound_block.ts";

/** Opens an encoder; rejects when the browser cannot run it. */
export const openAac: OpenSoundEncoder = async (format, onSound, onError) => {
  registerAacEncoder();
  const encoder = new AacEncoder(format, onSound, onError);
  await encoder.start();
  return encoder;
};

class AacEncoder implements SoundEncoder {
  readonly codec = "aac";
  readonly #format: SoundFormat;
  readonly #onError: (error: Error) => void;
  readonly #source: AudioSampleSource;
  readonly #output = new Output({ format: new AdtsOutputFormat(), target: new NullTarget() });
  #isClosed = false;

  constructor(format: SoundFormat, onSound: (sound: EncodedSound) => void, onError: (error: Error) => void) {
    this.#format = format;
    this.#onError = onError;
    this.#source = new AudioSampleSource({
      codec: "aac",
      bitrate: format.bitrate,
      onEncodedPacket: ({ data, timestamp }, meta) => {
        if (this.#isClosed) return;
        const config = meta?.decoderConfig?.description;
        onSound({ data, timestamp: timestamp * 1_000_000, config: config && copyOf(config) });
      },
    });
    this.#output.addAudioTrack(this.#source);
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  encode({ channels, start }: SoundBlock): void {
    const { sampleRate } = this.#format;
    const data = new Float32Array(channels.reduce((sum, { length }) => sum + length, 0));
    channels.forEach((channel, i) => data.set(channel, i * channel.length));
    const timestamp = start / sampleRate;
    const sample = new AudioSample({
      data,
      format: "f32-planar",
      numberOfChannels: channels.length,
      sampleRate,
      timestamp,
    });
    this.#source.add(sample).catch(this.#onError).finally(() => sample.close());
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#output.cancel().catch(() => {});
  }
}
