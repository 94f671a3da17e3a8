import { FormatError } from "../errors.ts";
import { type BoxHeader, MAX_BOX_HEADER, MIN_BOX_HEADER, readBoxHeader } from "./box_reader.ts";
import { readFragment, type ReadRun } from "./read_fragment.ts";
import { readMovie, type ReadTrack } from "./read_movie.ts";
import type { Mp4Track } from "./track.ts";

/**
 * The largest box that is read whole, in bytes: a movie box without samples has some thousands, a fragment's description of
 * a minute at 120 pictures a second 120,000.
 */
export const MAX_READ_BOX = 16 * 1024 * 1024;

/** What {@linkcode FragmentReader} finds. */
export type FragmentEvent = FragmentTracks | WholeFragment;

/** The tracks of the fragments that follow. */
export interface FragmentTracks {
  readonly type: "tracks";
  readonly tracks: readonly Mp4Track[];
}

/** A fragment all of whose media data is there. */
export interface WholeFragment {
  readonly type: "fragment";
  readonly runs: readonly ReadRun[];
}

const READ_WHOLE: ReadonlySet<string> = new Set(["moov", "moof"]);

/**
 * Reads a fragmented MP4 file that may be torn, in pieces of any size: the tracks, then every fragment that is whole.
 *
 * Media data is not kept. It can be passed over: the next {@linkcode FragmentReader.unread} bytes are looked at by nobody,
 * and {@linkcode FragmentReader.skip} says that they are there. Where the file is damaged the reader stops, and says why in
 * {@linkcode FragmentReader.problem}; everything up to {@linkcode FragmentReader.whole} can be used.
 *
 * Several files (an init segment and the segments behind it) are read as if they were one: positions go on from one to
 * the next. When one of them may be torn and more follow, the next is read by another reader, made by
 * {@linkcode FragmentReader.behind}.
 *
 * The invariant: the file is a sequence of boxes. `#head` holds what has come of the current box: of those that are read
 * the whole box, of others no more than its header.
 */
export class FragmentReader {
  #tracks: readonly ReadTrack[] = [];
  #position = 0;
  #whole = 0;
  #problem: string | undefined;
  #start = 0;
  #header: BoxHeader | undefined;
  #head: Uint8Array = new Uint8Array(MAX_BOX_HEADER);
  #filled = 0;
  #wanted = MIN_BOX_HEADER;
  /** The fragment whose media data is yet to come. */
  #runs: readonly ReadRun[] | undefined;

  /**
   * A reader of the file behind the one that was read by `reader`, however that one ended: it knows its tracks. `position` is
   * where the file begins, counted through all files.
   */
  static behind(reader: FragmentReader, position: number): FragmentReader {
    const next = new FragmentReader();
    next.#tracks = reader.#tracks;
    next.#position = next.#whole = next.#start = position;
    return next;
  }

  /** How many bytes have been read or passed over. */
  get position(): number {
    return this.#position;
  }

  /** Where the last box ends that is whole and, if it belongs to a fragment, whose fragment is whole. */
  get whole(): number {
    return this.#whole;
  }

  /** Why nothing more is read; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** How many of the next bytes are not looked at; `Infinity` when none are any more. */
  get unread(): number {
    if (this.#problem !== undefined) return Number.POSITIVE_INFINITY;
    if (!this.#header || READ_WHOLE.has(this.#header.type)) return 0;
    return this.#start + this.#header.size - this.#position;
  }

  /** Takes the next bytes and gives back what they complete. Never throws. */
  read(bytes: Uint8Array): FragmentEvent[] {
    const events: FragmentEvent[] = [];
    for (let rest = bytes; rest.length > 0;) {
      const count = Math.min(this.unread || this.#wanted - this.#filled, rest.length);
      if (this.unread === 0) this.#gather(rest.subarray(0, count));
      this.#pass(count, events);
      rest = rest.subarray(count);
    }
    return events;
  }

  /**
   * Passes over bytes without taking them, and gives back what they complete.
   *
   * Throws `RangeError` when they are more than {@linkcode FragmentReader.unread}.
   */
  skip(count: number): FragmentEvent[] {
    if (count > this.unread) throw new RangeError(`Cannot pass over ${count} bytes: ${this.unread} are not looked at`);
    const events: FragmentEvent[] = [];
    this.#pass(count, events);
    return events;
  }

  #gather(bytes: Uint8Array): void {
    this.#head.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Moves on; what turns out to be damaged ends the reading. */
  #pass(count: number, events: FragmentEvent[]): void {
    this.#position += count;
    if (this.#problem !== undefined) return;
    try {
      if (!this.#header && this.#filled === this.#wanted) this.#open();
      if (this.#header && this.#position === this.#start + this.#header.size) this.#finish(this.#header, events);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#problem = `${error.message}, in the box at ${this.#start}`;
    }
  }

  /** The header of the current box has come, or its first half. */
  #open(): void {
    const header = readBoxHeader(this.#head.subarray(0, this.#filled));
    this.#header = header;
    if (!header) {
      this.#wanted = MAX_BOX_HEADER;
    } else if (READ_WHOLE.has(header.type)) {
      const { type, size, headerBytes } = header;
      if (size > MAX_READ_BOX) throw new FormatError(`Box "${type}" of ${size} bytes is beyond ${MAX_READ_BOX}`);
      const whole = new Uint8Array(size);
      whole.set(this.#head.subarray(0, headerBytes));
      this.#head = whole;
      this.#wanted = size;
    }
  }

  /** The current box has come whole. */
  #finish({ type, headerBytes }: BoxHeader, events: FragmentEvent[]): void {
    if (type === "moov") {
      this.#tracks = readMovie(this.#head.subarray(headerBytes));
      events.push({ type: "tracks", tracks: this.#tracks.map(({ track }) => track) });
    } else if (type === "moof") {
      this.#runs = readFragment(this.#head.subarray(headerBytes), this.#start, this.#tracks);
    } else if (type === "mdat" && this.#runs) {
      this.#checkPositions(this.#runs, this.#start + headerBytes);
      events.push({ type: "fragment", runs: this.#runs });
      this.#runs = undefined;
    }
    if (!this.#runs) this.#whole = this.#position;
    this.#start = this.#position;
    this.#header = undefined;
    this.#head = new Uint8Array(MAX_BOX_HEADER);
    this.#filled = 0;
    this.#wanted = MIN_BOX_HEADER;
  }

  #checkPositions(runs: readonly ReadRun[], start: number): void {
    for (const { samples } of runs) {
      for (const { position, size } of samples) {
        if (position < start || position + size > this.#position) {
          throw new FormatError("A fragment has samples outside its media data");
        }
      }
    }
  }
}
