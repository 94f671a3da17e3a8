import { ByteWriter } from "../../../media/bytes.ts";
import { FormatError } from "../../../media/errors.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import type { CutListener, CutStart } from "./cut.ts";
import type { SegmentMuxer } from "./segment_muxer.ts";

/** How a segment begins, as far as the frame does not say it that it begins with. */
export type OutputStart = Omit<CutStart, "extension" | "init">;

/** The bytes of the segment in progress, handed out part by part. */
export class SegmentOutput {
  readonly #listener: CutListener;
  #out = new ByteWriter(0);
  #start = 0;
  #partStart = 0;
  #partOffset = 0;
  #partHasKey = false;

  constructor(listener: CutListener) {
    this.#listener = listener;
  }

  /** When its first frame is decoded, in microseconds. */
  get start(): number {
    return this.#start;
  }

  /** When the first frame of its newest part is decoded, in microseconds; behind its end, when it ended. */
  get partStart(): number {
    return this.#partStart;
  }

  /** How many bytes it has. */
  get length(): number {
    return this.#out.length;
  }

  /** Begins the next segment. */
  begin(muxer: SegmentMuxer, start: OutputStart): void {
    this.#out = new ByteWriter(roomFor(this.#out.length));
    const init = muxer.begin(start.tracks, this.#out);
    this.#start = this.#partStart = start.time;
    this.#partOffset = 0;
    this.#partHasKey = start.isIndependent;
    this.#listener.start({ ...start, extension: muxer.extension, init });
  }

  /** Writes a frame. */
  write(muxer: SegmentMuxer, packet: MediaPacket): void {
    if (packet.role === "key") this.#partHasKey = true;
    try {
      muxer.write(packet, this.#out);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#listener.damaged?.(error);
    }
  }

  /** Ends a part before `next`; one in which nothing is goes on instead. `isSound`: decoding can begin anywhere. */
  endPart(muxer: SegmentMuxer, end: number, next: MediaPacket | undefined, isSound: boolean): void {
    muxer.flush(next, this.#out);
    const { length } = this.#out;
    if (length === this.#partOffset) return;
    const duration = Math.max(0, end - this.#partStart);
    const bytes = this.#out.view(this.#partOffset, length);
    this.#listener.part({ bytes, duration, isIndependent: this.#partHasKey || isSound });
    this.#partOffset = length;
    this.#partStart += duration;
    this.#partHasKey = false;
  }

  /** The segment is complete: its last part has ended. */
  end(): void {
    this.#listener.end({ bytes: compact(this.#out), duration: this.#partStart - this.#start });
  }
}

/** Room for a segment about as large as the one before, so that the buffer seldom has to grow. */
function roomFor(before: number): number {
  return Math.max(4096, Math.ceil(before * 1.125));
}

/** The segment's bytes, without the unused room behind them where that is much. */
function compact(out: ByteWriter): Uint8Array {
  const bytes = out.view();
  return out.capacity > bytes.length * 1.25 ? bytes.slice() : bytes;
}
