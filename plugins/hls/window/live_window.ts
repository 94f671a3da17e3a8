import type { CommonTime } from "./groups.ts";
import type { CutListener, CutPart, CutSegment, CutStart } from "../segments/cut.ts";
import { type KeptOptions, KeptSegments } from "./kept_segments.ts";
import type { SegmentKeys } from "./segment_keys.ts";
import { chooseTargets, maxSegmentOf, type Targets } from "./targets.ts";
import {
  faultyPart,
  nextPartName,
  shareBytes,
  unknownWallTime,
  type WallTime,
  type WindowSegment,
} from "./window_segment.ts";

/** How much of a stream is kept. */
export interface WindowOptions extends KeptOptions {
  /** How long segments should be, in microseconds. */
  readonly segment: number;
  /** How long parts should be, in microseconds; undefined when there are none. */
  readonly part?: number;
  /** Fit for addresses; with the media sequence number behind it, it never names anything else. */
  readonly prefix: string;
  /** The media sequence number of the first segment, and its discontinuity sequence number unless there is `common`. */
  readonly origin: number;
  /** What it has in common with other renditions of the same program. */
  readonly common?: CommonTime;
  /** Encrypts segments. */
  readonly keys?: SegmentKeys;
}

/** Renditions of one program arrive less than this apart, in milliseconds, for the same time of their timelines. */
const SAME_PROGRAM_MS = 2000;

/**
 * So many discontinuity sequence numbers to begin with: after a restart of the server it should be another than before, and
 * players such as hls.js count through all numbers from 0, which takes seconds when there are millions.
 */
const DISCONTINUITY_ORIGINS = 997;

/**
 * The newest segments of a stream, with their parts, numbers and names; and those that have just left the playlist, since
 * players may still be about to load them (RFC 8216, 6.2.2).
 *
 * Target durations are promises: they are chosen from what has been measured when a playlist is first shown, and never
 * change until the playlist has ended.
 */
export class LiveWindow implements CutListener {
  /** Called after each change. */
  onChange: () => void = () => {};
  /** Called with each segment that is complete, with its bytes before any encryption and its init segment. */
  onSegment: (segment: WindowSegment, plain: Uint8Array, init: Uint8Array | undefined) => void = () => {};
  readonly #options: WindowOptions;
  readonly #kept: KeptSegments;
  /** The discontinuity sequence number of the first segment. */
  readonly #firstBreak: number;
  #open: WindowSegment | undefined;
  #nextMsn: number;
  #nextMap = 0;
  #wall = unknownWallTime();
  #targets: Targets | undefined;
  #isEnded = false;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#nextMsn = options.origin;
    this.#kept = new KeptSegments(options);
    this.#firstBreak = (options.common?.origin ?? options.origin) % DISCONTINUITY_ORIGINS;
  }

  /** The segments that the playlist lists, oldest first. */
  get segments(): readonly WindowSegment[] {
    return this.#kept.listed;
  }

  /** The segment in progress. */
  get open(): WindowSegment | undefined {
    return this.#open;
  }

  /** Whether there is enough to show a playlist. */
  get isReady(): boolean {
    return this.segments.length > 0;
  }

  /** Whether every segment can be decoded without the one before. */
  get isIndependent(): boolean {
    return this.segments.every(({ isIndependent }) => isIndependent) && this.#open?.isIndependent !== false;
  }

  /** Whether nothing more comes. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** How many discontinuities have left the playlist (RFC 8216, 4.3.3.3). */
  get discontinuitySequence(): number {
    return this.#firstBreak + this.#kept.retiredBreaks;
  }

  /** The media sequence number of the next segment that begins. */
  get nextMsn(): number {
    return this.#nextMsn;
  }

  /** All bytes that are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** The target duration in whole seconds, if it has been promised. */
  get target(): number | undefined {
    return this.#targets?.duration;
  }

  /** The part target in microseconds, if it has been promised. */
  get partTarget(): number | undefined {
    return this.#targets?.part;
  }

  /** How long a segment may last from now on, in microseconds; undefined while nothing has been promised. */
  get maxSegment(): number | undefined {
    return this.#targets && maxSegmentOf(this.#targets);
  }

  /**
   * Chooses the targets, unless they have been chosen.
   *
   * @param frameInterval how far frames usually are apart, in microseconds
   * @param longest what a segment may have to last beside those that are complete, in microseconds
   */
  promise(frameInterval: number, longest: number): void {
    if (this.#targets) return;
    const { segment, part } = this.#options;
    const durations = this.segments.map(({ duration }) => duration);
    this.#targets = chooseTargets({ segment, part, frameInterval, longest, durations });
    for (const segment of this.segments) this.#checkParts(segment);
    if (this.#open) this.#checkParts(this.#open);
  }

  /** A playlist has been shown: players may come for what it lists, also when that has left it. */
  noteShown(): void {
    this.#kept.noteShown();
  }

  /** Another writer begins, with a timeline of its own; an ended playlist goes on, and may promise anew. */
  reopen(): void {
    if (!this.#isEnded) return;
    this.#isEnded = false;
    this.#targets = undefined;
  }

  /** Whether it is of use to know when frames of the segment in progress came. */
  get wantsArrivals(): boolean {
    return this.#open !== undefined && !this.#wall.isSettled;
  }

  /** Notes that a frame of `time`, in microseconds, came at `now`, in milliseconds since 1970: those that came soonest count. */
  noteArrival(time: number, now: number): void {
    this.#wall.offset = Math.min(this.#wall.offset, now - time / 1000);
  }

  start({ time, isIndependent, isDiscontinuous, extension, init, tracks }: CutStart): void {
    const isBreak = isDiscontinuous && !this.#kept.isEmpty;
    if (isDiscontinuous) this.#wall = unknownWallTime();
    if (init) this.#addMap(init);
    const msn = this.#nextMsn++;
    this.#open = {
      msn,
      name: `${this.#options.prefix}-${msn}.${extension}`,
      time,
      wall: this.#wall,
      isIndependent,
      isDiscontinuous: isBreak,
      map: extension === "ts" ? undefined : this.#kept.newestMap,
      tracks,
      parts: [],
      hasHole: false,
      duration: 0,
    };
  }

  part({ bytes, duration, isIndependent }: CutPart): void {
    const segment = this.#open!;
    const name = nextPartName(segment);
    segment.duration += duration;
    if (this.#options.part === undefined) return;
    segment.parts.push({ name, duration, isIndependent, bytes });
    if (this.isReady) this.#settle(segment.wall);
    this.#checkParts(segment);
    this.onChange();
  }

  /** A segment in which nothing could be written is as if it had not been. */
  end({ bytes, duration }: CutSegment): void {
    const segment = this.#open!;
    this.#open = undefined;
    if (bytes.length === 0 || duration <= 0) {
      this.#nextMsn--;
      return;
    }
    segment.duration = duration;
    this.#settle(segment.wall);
    const sealed = this.#options.keys?.seal(segment.msn, bytes);
    segment.bytes = sealed?.bytes ?? bytes;
    segment.key = sealed?.key;
    if (!sealed) shareBytes(segment);
    this.#kept.add(segment, this.target ?? 0);
    this.onSegment(segment, bytes, this.#kept.map(segment.map));
    this.onChange();
  }

  /** Nothing more comes. */
  finish(): void {
    this.#isEnded = true;
    this.onChange();
  }

  /** When a segment's first frame came, in milliseconds since 1970; undefined while it is not known. */
  dateOf({ time, wall }: WindowSegment): number | undefined {
    return Number.isFinite(wall.offset) ? Math.round(wall.offset + time / 1000) : undefined;
  }

  /** The name of the part that comes next; undefined when it will not be listed, or none are made. */
  get hint(): string | undefined {
    const open = this.#open;
    if (!open || this.#isEnded || open.hasHole || this.#options.part === undefined) return undefined;
    return nextPartName(open);
  }

  /** The bytes of a segment, a part or an init segment. Encrypted segments have no parts that could be had. */
  find(name: string): Uint8Array | undefined {
    return this.#kept.find(name, this.#open);
  }

  /** Whether a segment, or a part of it, is there; a part behind the last of a segment is the first of the next one. */
  has(msn: number, part?: number): boolean {
    const last = this.segments.at(-1);
    const begun = this.#open?.parts.length ?? 0;
    if (part === undefined || this.#options.part === undefined) return last !== undefined && msn <= last.msn;
    if (last === undefined || msn > last.msn) return msn === this.#open?.msn && part < begun;
    return msn < last.msn || part < last.parts.length || begun > 0 || this.#isEnded;
  }

  /** Whether a part is one of a complete segment. */
  lists(msn: number, part: number): boolean {
    const last = this.segments.at(-1);
    return last !== undefined && (msn < last.msn || (msn === last.msn && part < last.parts.length));
  }

  /** Renditions of one program that are on the same timeline share the time of day of the one that was first. */
  #settle(wall: WallTime): void {
    if (wall.isSettled) return;
    wall.isSettled = true;
    const { common } = this.#options;
    if (!common) return;
    const isSame = common.wall && Math.abs(common.wall.offset - wall.offset) <= SAME_PROGRAM_MS;
    if (isSame) wall.offset = common.wall!.offset;
    else common.wall = wall;
  }

  #addMap(init: Uint8Array): void {
    this.#kept.addMap(`${this.#options.prefix}-${this.#nextMsn}.init${this.#nextMap++}.mp4`, init);
  }

  #checkParts(segment: WindowSegment): void {
    const target = this.partTarget;
    if (target !== undefined && faultyPart(segment.parts, target) !== undefined) segment.hasHole = true;
  }
}
