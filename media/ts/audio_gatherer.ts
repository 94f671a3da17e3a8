import type { ByteWriter } from "../bytes.ts";
import { type AudioClock, openAudioClock } from "../codec/audio_clock.ts";
import type { Codec, MediaPacket } from "../packet.ts";
import type { Payload } from "./payload.ts";
import { timestampOf } from "./timestamp.ts";
import type { PacketStream, UnitWriter } from "./unit_writer.ts";

/**
 * How many bytes of audio share a PES packet at most: sixteen transport packets. What stuffing and headers cost beyond
 * that is no longer worth the delay.
 */
const MAX_GATHERED_BYTES = 2_900;

/**
 * How far a frame's time may be from the end of the frame before it, in microseconds, for both to share a PES packet.
 * Behind the first frame decoders count on by themselves; times in whole milliseconds are a little off that.
 */
const TOLERANCE = 2_000;

/** Audio frames of one track that wait to share a PES packet, of which only the first has a time of its own. */
export class AudioGatherer {
  readonly #codec: Codec;
  readonly #payload: Payload;
  readonly #frames: Uint8Array[] = [];
  #clock: AudioClock | undefined;
  #config: Uint8Array | undefined;
  #bytes = 0;
  #pts = 0;
  #end = 0;

  constructor(codec: Codec, payload: Payload) {
    this.#codec = codec;
    this.#payload = payload;
  }

  /** Takes a decoder configuration. */
  configure(config: Uint8Array): void {
    this.#config = config;
    this.#clock = undefined;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** When the first frame is to be heard, in microseconds. */
  get pts(): number {
    return this.#pts;
  }

  /** Whether a frame of `size` bytes goes into the same PES packet, which may last `limit` microseconds. */
  takes(packet: MediaPacket, size: number, limit: number): boolean {
    if (this.isEmpty) return true;
    if (this.#bytes + size > MAX_GATHERED_BYTES) return false;
    if (Math.abs(packet.pts - this.#end) > TOLERANCE) return false;
    return packet.pts + this.#duration(packet.data) - this.#pts <= limit;
  }

  /** Takes a frame of `size` bytes. */
  add(packet: MediaPacket, size: number): void {
    if (this.isEmpty) {
      this.#pts = packet.pts;
      this.#end = packet.pts;
    }
    this.#frames.push(packet.data);
    this.#bytes += size;
    this.#end += this.#duration(packet.data);
  }

  /** Writes all frames as one PES packet. */
  flush(out: ByteWriter, stream: PacketStream, units: UnitWriter, pcr: number | undefined): void {
    const pts = timestampOf(this.#pts);
    const isRandomAccess = pcr !== undefined;
    units.begin(out, stream, { streamId: this.#payload.streamId, pts, dts: pts, isRandomAccess, pcr }, this.#bytes);
    for (const frame of this.#frames) this.#payload.write(frame, false, units);
    this.#frames.length = 0;
    this.#bytes = 0;
  }

  /** In microseconds; 0 when the frame does not tell, so that nothing follows it in the same PES packet. */
  #duration(frame: Uint8Array): number {
    this.#clock ??= openAudioClock(this.#codec, this.#config, frame);
    return this.#clock ? this.#clock.samples(frame) * 1_000_000 / this.#clock.sampleRate : 0;
  }
}
