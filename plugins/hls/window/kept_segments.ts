import { MAX_SEGMENT } from "../segments/segmenter.ts";
import type { WindowSegment } from "./window_segment.ts";

/** How many segments are kept. */
export interface KeptOptions {
  /** How many segments the playlist lists. */
  readonly segments: number;
  /** So many bytes are kept at most, but for the least number of segments. */
  readonly maxBytes?: number;
}

/** A segment's media sequence number in its name, and a part's number. */
const NAME = /-(\d{1,15})(?:\.(\d{1,6}))?\.\w+$/;

/** What is kept of one stream, in bytes, whatever the number of segments: 50 such streams still fit into a server's memory. */
const MAX_WINDOW_BYTES: number = 128 * 2 ** 20;

/** So many segments are kept however large they are: players begin three target durations before the end. */
const MIN_SEGMENTS = 3;

/** So many target durations are always listed. */
const LEAST_TARGETS = 3;

/** A segment that has left the playlist. */
interface Retired {
  readonly segment: WindowSegment;
  /** So much more has to come before nobody can be about to load it any more, in microseconds. */
  left: number;
}

/**
 * The complete segments of a stream in memory, with their init segments: those that the playlist lists, and those that have
 * just left it, if anybody has been shown them: players may still be about to load them for as long as the playlist lasts that
 * they stood in, and as long as they last (RFC 8216, 6.2.2).
 */
export class KeptSegments {
  readonly #options: KeptOptions;
  readonly #listed: WindowSegment[] = [];
  readonly #retired: Retired[] = [];
  readonly #maps = new Map<string, Uint8Array>();
  #newestMap: string | undefined;
  #retiredBreaks = 0;
  /** Of the newest segment that a playlist has shown. */
  #shownMsn = -1;

  constructor(options: KeptOptions) {
    this.#options = options;
  }

  /** The segments that the playlist lists, oldest first. */
  get listed(): readonly WindowSegment[] {
    return this.#listed;
  }

  /** Whether there has never been anything. */
  get isEmpty(): boolean {
    return this.#listed.length === 0;
  }

  /** How many discontinuities have left the playlist. */
  get retiredBreaks(): number {
    return this.#retiredBreaks;
  }

  /** All bytes of segments. */
  get size(): number {
    return this.#all().reduce((sum, { bytes }) => sum + bytes!.length, 0);
  }

  /** The name of the newest init segment. */
  get newestMap(): string | undefined {
    return this.#newestMap;
  }

  /** A playlist has shown what is listed. */
  noteShown(): void {
    this.#shownMsn = this.#listed.at(-1)?.msn ?? this.#shownMsn;
  }

  /** Keeps an init segment as long as a segment needs it. */
  addMap(name: string, init: Uint8Array): void {
    this.#newestMap = name;
    this.#maps.set(name, init);
  }

  /** An init segment by its name. */
  map(name: string | undefined): Uint8Array | undefined {
    return name === undefined ? undefined : this.#maps.get(name);
  }

  /** Lists a segment that is complete, and takes out what is too old; `target` is the target duration in seconds. */
  add(segment: WindowSegment, target: number): void {
    this.#listed.push(segment);
    for (const retired of this.#retired) retired.left -= segment.duration;
    this.#trim(target);
  }

  /** The bytes of a segment, a part or an init segment; `open` is the segment in progress. */
  find(name: string, open: WindowSegment | undefined): Uint8Array | undefined {
    const map = this.#maps.get(name);
    if (map) return map;
    const [, msn, part] = NAME.exec(name) ?? [];
    const segment = msn === undefined ? undefined : Number(msn) === open?.msn ? open : this.#segment(Number(msn));
    if (segment?.name === name) return segment.bytes;
    const found = part === undefined ? undefined : segment?.parts[Number(part)];
    return found?.name === name ? found.bytes : undefined;
  }

  /** Numbers go up one by one, from the first that is listed. */
  #segment(msn: number): WindowSegment | undefined {
    const index = this.#listed.length === 0 ? -1 : msn - this.#listed[0].msn;
    if (index >= 0) return this.#listed[index];
    return this.#retired.find(({ segment }) => segment.msn === msn)?.segment;
  }

  /** Takes out what is too old: first from the playlist, then from memory. */
  #trim(target: number): void {
    const { maxBytes = MAX_WINDOW_BYTES } = this.#options;
    let size = this.size;
    const isFull = () => size > maxBytes;
    const drop = () => size -= this.#retired.shift()!.segment.bytes!.length;
    while (this.#canRetire(target) || (this.#listed.length > MIN_SEGMENTS && isFull())) {
      this.#retire();
      size = this.size;
      if (isFull() && this.#retired.length > 0) drop();
    }
    while (this.#retired.length > 0 && (this.#retired[0].left <= 0 || isFull())) drop();
    this.#dropMaps();
  }

  #retire(): void {
    const lasts = this.#listed.reduce((sum, { duration }) => sum + duration, 0);
    const segment = this.#listed.shift()!;
    if (segment.isDiscontinuous) this.#retiredBreaks++;
    if (segment.msn <= this.#shownMsn) this.#retired.push({ segment, left: lasts });
  }

  /** Three target durations have to be left (RFC 8216, 6.2.2), and for some time a segment that players can begin with. */
  #canRetire(target: number): boolean {
    if (this.#listed.length <= this.#options.segments) return false;
    const rest = this.#listed.slice(1);
    const left = rest.reduce((sum, { duration }) => sum + duration, 0);
    if (left < LEAST_TARGETS * target * 1_000_000) return false;
    return left >= MAX_SEGMENT || rest.some(({ isIndependent }) => isIndependent);
  }

  #dropMaps(): void {
    const used = new Set(this.#all().map(({ map }) => map));
    for (const name of this.#maps.keys()) {
      if (!used.has(name) && name !== this.#newestMap) this.#maps.delete(name);
    }
  }

  #all(): WindowSegment[] {
    return [...this.#retired.map(({ segment }) => segment), ...this.#listed];
  }
}
