import type { CommonTime } from "./groups.ts";
import type { CutListener, CutPart, CutSegment, CutStart } from "./cut.ts";
import { framesPerPart } from "./part_length.ts";
import type { SegmentKeys } from "./segment_keys.ts";
import { MAX_SEGMENT } from "./segmenter.ts";
import {
  faultyPart,
  PART_SLACK,
  shareBytes,
  unknownWallTime,
  type WallTime,
  type WindowSegment,
} from "./window_segment.ts";

/** How much of a stream is kept. */
export interface WindowOptions {
  /** How many segments the playlist lists. */
  readonly segments: number;
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
  /** So many bytes are kept at most, but for the least number of segments. */
  readonly maxBytes?: number;
}

/** A segment's media sequence number in its name, and a part's number. */
const NAME = /-(\d{1,15})(?:\.(\d{1,6}))?\.\w+$/;

/** What is kept of one stream, in bytes, whatever the number of segments: 50 such streams still fit into a server's memory. */
export const MAX_WINDOW_BYTES = 128 * 2 ** 20;

/** So many segments are kept however large they are: players begin three target durations before the end. */
export const MIN_SEGMENTS = 3;

/** Renditions of one program arrive less than this apart, in milliseconds, for the same time of their timelines. */
const SAME_PROGRAM_MS = 2000;

/** So many target durations are always listed. */
const LEAST_TARGETS = 3;

/**
 * So many discontinuity sequence numbers to begin with: after a restart of the server it should be another than before, and
 * players such as hls.js count through all numbers from 0, which takes seconds when there are millions.
 */
const DISCONTINUITY_ORIGINS = 997;

/** How much longer a segment may last than the target duration, in microseconds: rounding takes it away (RFC 8216, 4.3.3.1). */
const ROUNDING = 499_999;

/** How much a segment may exceed whole seconds when a target duration is chosen, in microseconds; the rest is headroom. */
const EXCESS = 250_000;

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
  readonly #listed: WindowSegment[] = [];
  readonly #retired: WindowSegment[] = [];
  readonly #maps = new Map<string, Uint8Array>();
  #open: WindowSegment | undefined;
  #nextMsn: number;
  #nextMap = 0;
  #map: string | undefined;
  #discontinuities: number;
  #wall = unknownWallTime();
  #target: number | undefined;
  #partTarget: number | undefined;
  #isEnded = false;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#nextMsn = options.origin;
    this.#discontinuities = (options.common?.origin ?? options.origin) % DISCONTINUITY_ORIGINS;
  }

  /** The segments that the playlist lists, oldest first. */
  get segments(): readonly WindowSegment[] {
    return this.#listed;
  }

  /** The segment in progress. */
  get open(): WindowSegment | undefined {
    return this.#open;
  }

  /** Whether there is enough to show a playlist. */
  get isReady(): boolean {
    return this.#listed.length > 0;
  }

  /** Whether every segment can be decoded without the one before. */
  get isIndependent(): boolean {
    return this.#listed.every(({ isIndependent }) => isIndependent) && this.#open?.isIndependent !== false;
  }

  /** Whether nothing more comes. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** How many discontinuities have left the playlist (RFC 8216, 4.3.3.3). */
  get discontinuitySequence(): number {
    return this.#discontinuities;
  }

  /** The media sequence number of the next segment that begins. */
  get nextMsn(): number {
    return this.#nextMsn;
  }

  /** All bytes that are kept. */
  get size(): number {
    const segments = [...this.#listed, ...this.#retired];
    return segments.reduce((sum, { bytes }) => sum + bytes!.length, 0);
  }

  /** The target duration in whole seconds, if it has been promised. */
  get target(): number | undefined {
    return this.#target;
  }

  /** The part target in microseconds, if it has been promised. */
  get partTarget(): number | undefined {
    return this.#partTarget;
  }

  /** How long a segment may last from now on, in microseconds; undefined while nothing has been promised. */
  get maxSegment(): number | undefined {
    return this.#target === undefined ? undefined : this.#target * 1_000_000 + ROUNDING;
  }

  /**
   * Chooses the targets, unless they have been chosen.
   *
   * @param frameInterval how far frames usually are apart, in microseconds
   * @param longest what a segment may have to last beside those that are complete, in microseconds
   */
  promise(frameInterval: number, longest: number): void {
    if (this.#target !== undefined) return;
    const { segment, part } = this.#options;
    const most = Math.max(segment, longest, ...this.#listed.map(({ duration }) => duration));
    this.#target = Math.max(1, Math.ceil((most - EXCESS) / 1_000_000));
    if (part === undefined) return;
    const frames = Math.round((this.#listed.at(-1)?.duration ?? segment) / frameInterval);
    const usual = framesPerPart(part / frameInterval, frames) * frameInterval;
    this.#partTarget = Math.round((frameInterval > part ? part : usual) * PART_SLACK);
    for (const segment of this.#listed) this.#checkParts(segment);
    if (this.#open) this.#checkParts(this.#open);
  }

  /** Another writer begins, with a timeline of its own; an ended playlist goes on, and may promise anew. */
  reopen(): void {
    if (!this.#isEnded) return;
    this.#isEnded = false;
    this.#target = this.#partTarget = undefined;
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
    const isBreak = isDiscontinuous && this.#listed.length + this.#retired.length > 0;
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
      map: extension === "ts" ? undefined : this.#map,
      tracks,
      parts: [],
      hasHole: false,
      duration: 0,
    };
  }

  part({ bytes, duration, isIndependent }: CutPart): void {
    const segment = this.#open!;
    const at = segment.name.lastIndexOf(".");
    const name = `${segment.name.slice(0, at)}.${segment.parts.length}${segment.name.slice(at)}`;
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
    this.#listed.push(segment);
    this.#trim();
    this.onSegment(segment, bytes, segment.map === undefined ? undefined : this.#maps.get(segment.map));
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
    const at = open.name.lastIndexOf(".");
    return `${open.name.slice(0, at)}.${open.parts.length}${open.name.slice(at)}`;
  }

  /** The bytes of a segment, a part or an init segment. Encrypted segments have no parts that could be had. */
  find(name: string): Uint8Array | undefined {
    const map = this.#maps.get(name);
    if (map) return map;
    const [, msn, part] = NAME.exec(name) ?? [];
    const segment = msn === undefined ? undefined : this.#segment(Number(msn));
    if (segment?.name === name) return segment.bytes;
    const found = part === undefined ? undefined : segment?.parts[Number(part)];
    return found?.name === name ? found.bytes : undefined;
  }

  /** Numbers go up one by one, from the first that is kept. */
  #segment(msn: number): WindowSegment | undefined {
    if (msn === this.#open?.msn) return this.#open;
    for (const list of [this.#listed, this.#retired]) {
      const index = list.length === 0 ? -1 : msn - list[0].msn;
      if (index >= 0 && index < list.length) return list[index];
    }
  }

  /** Whether a segment, or a part of it, is there; a part behind the last of a segment is the first of the next one. */
  has(msn: number, part?: number): boolean {
    const last = this.#listed.at(-1);
    const begun = this.#open?.parts.length ?? 0;
    if (part === undefined || this.#options.part === undefined) return last !== undefined && msn <= last.msn;
    if (last === undefined || msn > last.msn) return msn === this.#open?.msn && part < begun;
    return msn < last.msn || part < last.parts.length || begun > 0 || this.#isEnded;
  }

  /** Whether a part is one of a complete segment. */
  lists(msn: number, part: number): boolean {
    const last = this.#listed.at(-1);
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
    this.#map = `${this.#options.prefix}-${this.#nextMsn}.init${this.#nextMap++}.mp4`;
    this.#maps.set(this.#map, init);
  }

  #checkParts(segment: WindowSegment): void {
    const target = this.#partTarget;
    if (target !== undefined && faultyPart(segment.parts, target) !== undefined) segment.hasHole = true;
  }

  /** Takes out what is too old: first from the playlist, then from memory. */
  #trim(): void {
    const { segments, maxBytes = MAX_WINDOW_BYTES } = this.#options;
    let size = this.size;
    const isFull = () => size > maxBytes;
    while (this.#canRetire() || (this.#listed.length > MIN_SEGMENTS && isFull())) {
      const oldest = this.#listed.shift()!;
      if (oldest.isDiscontinuous) this.#discontinuities++;
      this.#retired.push(oldest);
      if (isFull()) size -= this.#retired.shift()!.bytes!.length;
    }
    while (this.#retired.length > segments || (this.#retired.length > 0 && isFull())) {
      size -= this.#retired.shift()!.bytes!.length;
    }
    this.#dropMaps();
  }

  /** Three target durations have to be left (RFC 8216, 6.2.2), and for some time a segment that players can begin with. */
  #canRetire(): boolean {
    if (this.#listed.length <= this.#options.segments) return false;
    const rest = this.#listed.slice(1);
    const left = rest.reduce((sum, { duration }) => sum + duration, 0);
    if (left < LEAST_TARGETS * (this.#target ?? 0) * 1_000_000) return false;
    return left >= MAX_SEGMENT || rest.some(({ isIndependent }) => isIndependent);
  }

  #dropMaps(): void {
    const used = new Set([...this.#retired, ...this.#listed].map(({ map }) => map));
    for (const name of this.#maps.keys()) if (!used.has(name) && name !== this.#map) this.#maps.delete(name);
  }
}
