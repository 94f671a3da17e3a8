import type { Writable } from "./box.ts";
import { NumberList } from "./number_list.ts";
import { chunkOffsetBox, runBox, sampleToChunkBox, sizeBox, syncBox } from "./sample_boxes.ts";

/** One sample that is already stored somewhere. */
export interface StoredSample {
  /** Where its bytes are, counted through all sources one behind the other. */
  readonly position: number;
  /** In bytes, less than 2^31. */
  readonly size: number;
  /** When it is decoded, in ticks of its track. */
  readonly time: number;
  /** In ticks of its track. Samples last until the next one is decoded, so this matters for the last one alone. */
  readonly duration: number;
  /** How much later than decoded it is shown, in ticks of its track; may be negative. */
  readonly offset: number;
  /** Whether decoding can begin with it. */
  readonly isSync: boolean;
}

/** Set in the stored size of samples that decoding can begin with. */
const SYNC_BIT = 0x8000_0000;

const MAX_U32 = 0xffff_ffff;

/**
 * What a complete file says of one track's samples, in twelve bytes a sample.
 *
 * The invariant: a sample is decoded at the time of the first one plus all steps up to its own, and lies behind the
 * samples of its chunk that come before it.
 */
export class SampleTable {
  /** The size and, in the uppermost bit, whether decoding can begin there. */
  readonly #sizes = new NumberList();
  /** The time from the sample before; of the first one 0. */
  readonly #steps = new NumberList();
  readonly #offsets = new NumberList();
  /** Where each chunk begins in the media data, and how many samples it has. */
  readonly #chunks = new NumberList({ wide: true });
  readonly #chunkSamples = new NumberList();
  #chunkEnd = -1;
  #first = 0;
  #last = 0;
  #lastDuration = 0;
  #syncs = 0;
  #isReordered = false;
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;

  /** How many samples there are. */
  get length(): number {
    return this.#sizes.length;
  }

  /** How many bytes of memory it takes. */
  get memory(): number {
    const lists = [this.#sizes, this.#steps, this.#offsets, this.#chunks, this.#chunkSamples];
    return lists.reduce((sum, { memory }) => sum + memory, 0);
  }

  /** When the first picture or sound is presented, in ticks. */
  get start(): number {
    return this.#earliest;
  }

  /** How long pictures or sound are presented, in ticks. */
  get presentation(): number {
    return this.#latest + this.#lastDuration - this.#earliest;
  }

  /** The sum of all samples' durations, in ticks. */
  get duration(): number {
    return this.#last - this.#first + this.#lastDuration;
  }

  /** What is presented first, in ticks of the media, which begins when the first sample is decoded. */
  get mediaTime(): number {
    return Math.max(0, this.#earliest - this.#first);
  }

  /** Takes the next sample; `target` is where it will be in the media data of the file. */
  add({ size, time, duration, offset, isSync }: StoredSample, target: number): void {
    const isFirst = this.length === 0;
    // Tables cannot express a decoding time before that of the sample before.
    const decode = isFirst ? time : Math.max(time, this.#last);
    if (isFirst) this.#first = decode;
    this.#sizes.push(isSync ? size + SYNC_BIT : size);
    this.#steps.push(isFirst ? 0 : Math.min(decode - this.#last, MAX_U32));
    this.#offsets.push(time + offset - decode);
    if (time + offset !== decode) this.#isReordered = true;
    if (isSync) this.#syncs++;
    this.#last = decode;
    this.#lastDuration = duration;
    this.#earliest = Math.min(this.#earliest, time + offset);
    this.#latest = Math.max(this.#latest, time + offset);
    this.#addToChunk(size, target);
  }

  /**
   * The boxes of the sample table behind the sample descriptions (ISO/IEC 14496-12, 8.6.1, 8.6.2 and 8.7).
   *
   * `base` is where the media data is in the file, asked for when the boxes are written; `isLarge` says that positions need
   * 64 bits.
   */
  boxes(base: () => number, isLarge: boolean): Writable[] {
    const boxes = [runBox("stts", 0, this.length, (i) => this.#durationAt(i))];
    if (this.#isReordered) boxes.push(this.#compositionBox());
    if (this.#syncs < this.length) boxes.push(syncBox(this.#syncs, this.length, (i) => this.#sizes.at(i) >= SYNC_BIT));
    boxes.push(sampleToChunkBox(this.#chunkSamples), sizeBox(this.length, (i) => this.#sizes.at(i) % SYNC_BIT));
    return [...boxes, chunkOffsetBox(this.#chunks, base, isLarge)];
  }

  /** Version 0, which all players know, unless an offset is negative. */
  #compositionBox(): Writable {
    // Nothing can be presented before the media begins: then all of it is presented later, and so does the edit list.
    const shift = Math.max(0, this.#first - this.#earliest);
    const offsetAt = (i: number) => (this.#offsets.at(i) | 0) + shift;
    let isNegative = false;
    for (let i = 0; i < this.length && !isNegative; i++) isNegative = offsetAt(i) < 0;
    return runBox("ctts", isNegative ? 1 : 0, this.length, offsetAt);
  }

  #durationAt(index: number): number {
    return index + 1 < this.length ? this.#steps.at(index + 1) : this.#lastDuration;
  }

  #addToChunk(size: number, target: number): void {
    if (target !== this.#chunkEnd) {
      this.#chunks.push(target);
      this.#chunkSamples.push(0);
    }
    const chunk = this.#chunkSamples.length - 1;
    this.#chunkSamples.set(chunk, this.#chunkSamples.at(chunk) + 1);
    this.#chunkEnd = target + size;
  }
}
