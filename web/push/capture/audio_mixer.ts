/// <reference lib="dom" />
import { libraryUrl } from "../library.ts";
import { peakOf, SAMPLE_RATE, type SoundBlock, TAP_NAME } from "./sound_block.ts";

/** One sound in the mix. */
export interface MixerInput extends Disposable {
  /** How loud it is, 1 as it came. */
  volume: number;
}

/** Mixes sounds into blocks; it also beats the time, whether there is a sound or not. */
export class AudioMixer implements Disposable {
  readonly #context: AudioContext;
  readonly #tap: AudioWorkletNode;
  #peak = Number.NEGATIVE_INFINITY;
  /** Hears every block, some fifty a second, silent ones too. */
  onBlock?: (block: SoundBlock) => void;

  private constructor(context: AudioContext) {
    this.#context = context;
    this.#tap = new AudioWorkletNode(context, TAP_NAME, { outputChannelCount: [2] });
    this.#tap.port.onmessage = ({ data }: MessageEvent<SoundBlock>) => {
      this.#peak = Math.max(this.#peak, peakOf(data));
      this.onBlock?.(data);
    };
    this.#tap.connect(context.destination);
  }

  /** Opens a mixer; called from a click, without which browsers play nothing. */
  static async open(): Promise<AudioMixer> {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
    try {
      await Promise.all([context.resume(), context.audioWorklet.addModule(libraryUrl("tap"))]);
      return new AudioMixer(context);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** The loudest since it was last asked for, in decibels. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = Number.NEGATIVE_INFINITY;
    return peak;
  }

  /** Adds the sound of a stream, if it has any. */
  addStream(stream: MediaStream, volume = 1): MixerInput {
    return this.#add(this.#context.createMediaStreamSource(stream), volume);
  }

  /** Adds the sound of an element, which is from then on heard in the mix alone. */
  addElement(element: HTMLMediaElement, volume = 1): MixerInput {
    return this.#add(this.#context.createMediaElementSource(element), volume);
  }

  [Symbol.dispose](): void {
    this.onBlock = undefined;
    this.#tap.disconnect();
    this.#context.close().catch(() => {});
  }

  #add(source: AudioNode, volume: number): MixerInput {
    const gain = this.#context.createGain();
    gain.gain.value = volume;
    source.connect(gain).connect(this.#tap);
    return {
      get volume(): number {
        return gain.gain.value;
      },
      set volume(value: number) {
        gain.gain.value = value;
      },
      [Symbol.dispose](): void {
        source.disconnect();
        gain.disconnect();
      },
    };
  }
}
