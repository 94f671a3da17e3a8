import type { MediaPacket } from "../media/packet.ts";

/** What comes later than this after the frame before comes after a pause, in microseconds; frames are not so long. */
const LONGEST_FRAME = 1_000_000;

/** How long the only frame of a track lasts, in microseconds. */
const USUAL_FRAME = 40_000;

/**
 * The first frames of a round may be decoded so much before the last ones of the round before, in microseconds: pictures are
 * decoded earlier than they are shown, and sound is not.
 */
const MOST_OVERLAP = 200_000;

/** One track in the present round. */
interface RoundTrack {
  /** As the file has it. */
  readonly first: number;
  last: number;
  frame: number;
}

/** Gives a file that is read again and again stamps that go on from round to round. */
export class RoundClock {
  readonly #tracks = new Map<string, RoundTrack>();
  #offset = 0;
  #first?: number;

  /** The file begins anew: each track's first frame comes when its last one is over, of the longest track at once. */
  begin(): void {
    if (this.#first === undefined) return;
    const tracks = [...this.#tracks.values()];
    const longest = Math.max(...tracks.map(({ first, last, frame }) => last + frame - first));
    const end = Math.max(...tracks.map(({ last, frame }) => last + frame));
    this.#offset = Math.max(longest, end - this.#first - MOST_OVERLAP);
    this.#tracks.clear();
    this.#first = undefined;
  }

  /** The packet with its time in the present round; the same object in the first. */
  place(packet: MediaPacket): MediaPacket {
    const isFrame = packet.kind !== "data" &&
      (packet.role === "key" || packet.role === "delta" || packet.role === "frame");
    if (isFrame) this.#note(packet);
    if (this.#offset === 0) return packet;
    return { ...packet, dts: packet.dts + this.#offset, pts: packet.pts + this.#offset };
  }

  #note({ kind, track, dts }: MediaPacket): void {
    this.#first ??= dts;
    const id = `${kind} ${track}`;
    const time = dts + this.#offset;
    const known = this.#tracks.get(id);
    if (!known) return void this.#tracks.set(id, { first: dts, last: time, frame: USUAL_FRAME });
    const step = time - known.last;
    if (step > 0 && step <= LONGEST_FRAME) known.frame = step;
    known.last = time;
  }
}
