import type { MediaPacket } from "../packet.ts";
import type { TrackRun } from "./fragment.ts";
import type { Mp4Sample } from "./sample.ts";
import { SampleClock } from "./sample_clock.ts";
import type { Mp4Track } from "./track.ts";

/** How many samples a second there are when nothing at all tells how long the last one is. */
const DEFAULT_RATE = 25;

/** The temporal delimiter of AV1, two bytes. */
const AV1_DELIMITER = 0x1200;

/**
 * Gathers the frames of one track into runs, which become fragments.
 *
 * A frame lasts until the next one is decoded. When that is not known, a frame of sound lasts as long as it says itself,
 * and a picture as long as the one before.
 */
export class RunBuilder {
  readonly #track: Mp4Track;
  readonly #clock: SampleClock;
  #packets: MediaPacket[] = [];
  #times: number[] = [];
  #bytes = 0;
  #usual: number;

  constructor(track: Mp4Track) {
    this.#track = track;
    this.#clock = new SampleClock(track.timescale);
    this.#usual = Math.round(track.timescale / DEFAULT_RATE);
  }

  /** Whether no frame waits. */
  get isEmpty(): boolean {
    return this.#packets.length === 0;
  }

  /** How many bytes of frames wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first frame that waits is decoded, in microseconds; undefined when there is none. */
  get start(): number | undefined {
    return this.#packets[0]?.dts;
  }

  /** Takes a frame: any packet but configurations, metadata and ends. Its times must not be negative. */
  add(packet: MediaPacket): void {
    const { clock } = this.#track;
    this.#times.push(this.#clock.place(packet.dts, clock ? clock.samples(packet.data) : 0));
    this.#packets.push(packet);
    this.#bytes += packet.data.length;
  }

  /** Gives out the frames that wait as a run; `next` is when the track's next frame is decoded, in microseconds, if known. */
  take(next?: number): TrackRun | undefined {
    if (this.isEmpty) return undefined;
    const samples = this.#packets.map((packet, i) => this.#sample(packet, i, next));
    const run = { trackId: this.#track.id, time: this.#times[0], samples };
    this.#packets = [];
    this.#times = [];
    this.#bytes = 0;
    return run;
  }

  #sample(packet: MediaPacket, index: number, next: number | undefined): Mp4Sample {
    const time = this.#times[index];
    const isVideo = packet.kind === "video";
    return {
      data: packet.codec === "av1" ? withoutDelimiter(packet.data) : packet.data,
      duration: this.#duration(packet, index, next),
      offset: isVideo ? this.#clock.ticks(packet.pts) - time : 0,
      isSync: !isVideo || packet.role === "key",
    };
  }

  #duration(packet: MediaPacket, index: number, next: number | undefined): number {
    const time = this.#times[index];
    if (index + 1 < this.#times.length) return this.#usual = this.#times[index + 1] - time;
    if (next !== undefined) return this.#usual = this.#clock.peek(next) - time;
    return this.#track.clock?.samples(packet.data) || this.#usual;
  }
}

/** A frame without the delimiter in front, which MP4 files leave out (AV1 Codec ISO Media File Format Binding, 2.4). */
function withoutDelimiter(frame: Uint8Array): Uint8Array {
  return (frame[0] << 8 | frame[1]) === AV1_DELIMITER ? frame.subarray(2) : frame;
}
