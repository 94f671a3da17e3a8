import { describeCodec } from "../../media/codec/describe.ts";
import { FormatError } from "../../media/errors.ts";
import type { TrackRun } from "../../media/mp4/fragment.ts";
import { RunBuilder } from "../../media/mp4/run_builder.ts";
import { hasMp4Entry, type Mp4Track, mp4Track } from "../../media/mp4/track.ts";
import type { MediaPacket } from "../../media/packet.ts";

/** A track as segments describe it. */
export interface SegmentTrack {
  readonly track: Mp4Track;
  /** The number that the publisher gave it; 0 is the main one of its kind. */
  readonly number: number;
  /** As in `codecs=` (RFC 6381). */
  readonly codecs: string;
}

/** Codecs that write the size of the pictures into key frames. */
const SIZED_BY_FRAMES: ReadonlySet<string> = new Set(["vp8", "vp9"]);

/**
 * One track of a stream on its way into segments: what describes it, and the frames that wait to be written.
 *
 * The invariant: frames that wait are all of `current`, and what is undecodable by it never gets in.
 */
export class TrackFeed {
  readonly kind: "video" | "audio";
  readonly number: number;
  #config?: MediaPacket;
  #isStale = true;
  #codec = "";
  #latest?: SegmentTrack;
  #current?: SegmentTrack;
  #builder?: RunBuilder;
  #fault?: string;
  #lastFault?: string;

  constructor(kind: "video" | "audio", number: number) {
    this.kind = kind;
    this.number = number;
  }

  /** What the frames that wait are described by; undefined before the first one. */
  get current(): SegmentTrack | undefined {
    return this.#current;
  }

  /** Whether a configuration has come whose frames have not. */
  get isAwaited(): boolean {
    return this.#config !== undefined && this.#current === undefined;
  }

  /** Whether no frame waits. */
  get isEmpty(): boolean {
    return this.#builder?.isEmpty ?? true;
  }

  /** Takes a configuration: what it changes shows with the next frame. */
  configure(packet: MediaPacket): void {
    const known = this.#config;
    if (known?.codec === packet.codec && isSame(known.data, packet.data)) return;
    this.#config = packet;
    this.#isStale = true;
  }

  /**
   * What the track is from this frame on: another object than for the frame before when that has changed, `current` when the
   * frame can be added. Undefined when the frame is of no use, because it cannot be decoded yet or no MP4 file holds its like.
   */
  next(packet: MediaPacket): SegmentTrack | undefined {
    const isSized = packet.role === "key" && SIZED_BY_FRAMES.has(packet.codec);
    if (!this.#isStale && packet.codec === this.#codec && !isSized) return this.#latest;
    if (packet.role === "delta") return undefined;
    const track = this.#describe(packet);
    if (!track) return undefined;
    this.#isStale = false;
    this.#codec = packet.codec;
    this.#lastFault = undefined;
    if (!this.#latest || !isSame(this.#latest.track.sampleEntry, track.sampleEntry)) {
      const codecs = describeCodec(packet.codec, this.#configOf(packet)).codecString ?? "";
      this.#latest = { track, number: this.number, codecs };
    }
    return this.#latest;
  }

  /** Goes on as what {@linkcode TrackFeed.next} said for the frame that follows; no frame may wait. */
  adopt(next: SegmentTrack): void {
    this.#current = next;
    this.#builder = new RunBuilder(next.track);
  }

  /** Takes a frame of the current description. */
  add(packet: MediaPacket): void {
    this.#builder?.add(packet);
  }

  /** Gives out the frames that wait; `next` is when the track's next frame is decoded, in microseconds, if known. */
  take(next?: number): TrackRun | undefined {
    return this.#builder?.take(next);
  }

  /** Why the track is left out, in words, told once. */
  takeFault(): string | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  #describe(packet: MediaPacket): Mp4Track | undefined {
    const { codec } = packet;
    if (!hasMp4Entry(codec)) return this.#fail(`no MP4 file holds ${codec}`);
    const config = this.#configOf(packet);
    try {
      return mp4Track({ id: this.#id, kind: this.kind, codec, config, frame: packet.data });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return this.#fail(error.message);
    }
  }

  /** Video and audio take turns, so that ids stay the same whichever comes first. */
  get #id(): number {
    return 2 * this.number + (this.kind === "video" ? 1 : 2);
  }

  #configOf({ codec }: MediaPacket): Uint8Array | undefined {
    return this.#config?.codec === codec ? this.#config.data : undefined;
  }

  #fail(why: string): undefined {
    if (this.#lastFault === why) return;
    const name = this.number === 0 ? this.kind : `${this.kind} track ${this.number}`;
    this.#lastFault = why;
    this.#fault = `The ${name} is left out: ${why}`;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
