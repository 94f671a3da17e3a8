/// <reference lib="dom" />
import { opusHead } from "../../../media/codec/config_writer.ts";
import { copyOf } from "./copy_bytes.ts";
import { loadLibrary } from "../library.ts";
import { BLOCK_FRAMES, SAMPLE_RATE, type SoundBlock } from "../capture/sound_block.ts";

/** The codecs that sound may be encoded with, best known to players first. */
export type SoundCodec = "aac" | "opus";

/** What an encoder is to make. */
export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: 2;
  /** In bits per second. */
  readonly bitrate: number;
}

/** One encoded frame. */
export interface EncodedSound {
  readonly data: Uint8Array;
  /** Where it begins, in microseconds of the blocks' own count. */
  readonly timestamp: number;
  /** The decoder's configuration, with the first frame and whenever it changes. */
  readonly config?: Uint8Array;
}

/** Encodes block after block until it is disposed. */
export interface SoundEncoder extends Disposable {
  readonly codec: SoundCodec;
  encode(block: SoundBlock): void;
}

/** Opens an encoder that hands on what it makes; rejects when the browser has none. */
export type OpenSoundEncoder = (
  format: SoundFormat,
  onSound: (sound: EncodedSound) => void,
  onError: (error: Error) => void,
) => Promise<SoundEncoder>;

/** What WebCodecs calls the codecs. */
const CODEC_STRINGS: Readonly<Record<SoundCodec, string>> = { aac: "mp4a.40.2", opus: "opus" };

/** What {@linkcode openSound} makes. */
const SOUND_FORMAT: SoundFormat = { sampleRate: SAMPLE_RATE, channels: 2, bitrate: 128_000 };

/** Opens the wanted encoder: the browser's own; for AAC else the one in WebAssembly, else Opus. */
export async function openSound(
  wanted: SoundCodec,
  onSound: (sound: EncodedSound) => void,
  onError: (error: Error) => void,
): Promise<SoundEncoder> {
  const open = [
    () => openBrowserEncoder(wanted, onSound, onError),
    ...wanted === "aac" ? [() => openLibraryEncoder(onSound, onError)] : [],
    ...wanted === "opus" ? [] : [() => openBrowserEncoder("opus", onSound, onError)],
  ];
  let failure: unknown;
  for (const attempt of open) {
    try {
      return await attempt();
    } catch (error) {
      failure = error;
    }
  }
  throw new DOMException(`This browser encodes neither AAC nor Opus: ${failure}`, "NotSupportedError");
}

async function openLibraryEncoder(
  onSound: (sound: EncodedSound) => void,
  onError: (error: Error) => void,
): Promise<SoundEncoder> {
  const { openAac } = await loadLibrary<typeof import("../../push_aac_library.ts")>("aac");
  return await openAac(SOUND_FORMAT, onSound, onError);
}

async function openBrowserEncoder(
  codec: SoundCodec,
  onSound: (sound: EncodedSound) => void,
  onError: (error: Error) => void,
): Promise<SoundEncoder> {
  const { sampleRate, channels, bitrate } = SOUND_FORMAT;
  const config = { codec: CODEC_STRINGS[codec], sampleRate, numberOfChannels: channels, bitrate };
  const { supported } = await AudioEncoder.isConfigSupported(config);
  if (!supported) throw new DOMException(`${codec} is not supported`, "NotSupportedError");
  return new BrowserEncoder(codec, config, onSound, onError);
}

class BrowserEncoder implements SoundEncoder {
  readonly codec: SoundCodec;
  readonly #encoder: AudioEncoder;

  constructor(
    codec: SoundCodec,
    config: AudioEncoderConfig,
    onSound: (sound: EncodedSound) => void,
    onError: (error: Error) => void,
  ) {
    this.codec = codec;
    this.#encoder = new AudioEncoder({
      error: onError,
      output: (chunk, meta) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        onSound({ data, timestamp: chunk.timestamp, config: this.#configOf(meta) });
      },
    });
    this.#encoder.configure(config);
  }

  encode({ start, channels }: SoundBlock): void {
    if (this.#encoder.state !== "configured") return;
    const data = new Float32Array(channels.length * BLOCK_FRAMES);
    channels.forEach((channel, i) => data.set(channel, i * BLOCK_FRAMES));
    const timestamp = Math.round(start * 1_000_000 / SAMPLE_RATE);
    const format = { format: "f32-planar", sampleRate: SAMPLE_RATE } as const;
    const sound = new AudioData({
      ...format,
      numberOfFrames: BLOCK_FRAMES,
      numberOfChannels: channels.length,
      timestamp,
      data,
    });
    this.#encoder.encode(sound);
    sound.close();
  }

  [Symbol.dispose](): void {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  #configOf(meta: EncodedAudioChunkMetadata | undefined): Uint8Array | undefined {
    if (!meta?.decoderConfig) return undefined;
    const { description } = meta.decoderConfig;
    if (description) return copyOf(description);
    return this.codec === "opus" ? opusHead(SOUND_FORMAT.channels, SAMPLE_RATE) : undefined;
  }
}
