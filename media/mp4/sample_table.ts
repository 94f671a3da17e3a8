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
  /** From which chunk on which sample description holds, counted from 1. */
  readonly #descriptions: { readonly chunk: number; readonly description: number }[] = [];
  #chunkEnd = -1;
  #first = 0;
  #last = 0;
  #lastDuration = 0;
  #syncs = 0;
  #isUniform = true;
  #isReordered = false;
  #lowestOffset = 0;
  /** How many runs of equal steps, but for the first one, and of equal offsets there are. */
  #stepRuns = 0;
  #offsetRuns = 0;
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
  add({ size, time, duration, offset, isSync }: Omit<StoredSample, "position">, target: number, description = 1): void {
    const isFirst = this.length === 0;
    // Tables cannot express a decoding time before that of the sample before.
    const decode = isFirst ? time : Math.max(time, this.#last);
    if (isFirst) this.#first = decode;
    this.#addSize(size, isSync);
    this.#addStep(isFirst ? 0 : Math.min(decode - this.#last, MAX_U32));
    this.#addOffset(time + offset - decode);
    this.#last = decode;
    this.#lastDuration = duration;
    this.#earliest = Math.min(this.#earliest, time + offset);
    this.#latest = Math.max(this.#latest, time + offset);
    this.#addToChunk(size, target, description);
  }

  /**
   * The boxes of the sample table behind the sample descriptions (ISO/IEC 14496-12, 8.6.1, 8.6.2 and 8.7).
   *
   * `base` is where the media data is in the file, asked for when the boxes are written; `isLarge` says that positions need
   * 64 bits.
   */
  boxes(base: () => number, isLarge: boolean): Writable[] {
    const boxes = [this.#durationBox()];
    if (this.#isReordered) boxes.push(this.#compositionBox());
    if (this.#syncs < this.length) boxes.push(syncBox(this.#syncs, this.length, (i) => this.#sizes.at(i) >= SYNC_BIT));
    const isUniform = this.length > 0 && this.#isUniform;
    boxes.push(sampleToChunkBox(this.#chunkSamples, (chunk) => this.#descriptionAt(chunk)));
    boxes.push(sizeBox(this.length, isUniform, (i) => this.#sizes.at(i) % SYNC_BIT));
    return [...boxes, chunkOffsetBox(this.#chunks, base, isLarge)];
  }

  #durationBox(): Writable {
    const { length } = this;
    const continues = length > 1 && this.#steps.at(length - 1) === this.#lastDuration;
    const runs = this.#stepRuns + (length === 0 || continues ? 0 : 1);
    return runBox("stts", 0, length, runs, (i) => this.#durationAt(i));
  }

  /** Version 0, which all players know, unless an offset is negative. */
  #compositionBox(): Writable {
    // Nothing can be presented before the media begins: then all of it is presented later, and so does the edit list.
    const shift = Math.max(0, this.#first - this.#earliest);
    const version = this.#lowestOffset + shift < 0 ? 1 : 0;
    return runBox("ctts", version, this.length, this.#offsetRuns, (i) => (this.#offsets.at(i) | 0) + shift);
  }

  #addSize(size: number, isSync: boolean): void {
    // A common size of 0 would say that there is a list.
    this.#isUniform &&= size > 0 && (this.length === 0 || this.#sizes.at(0) % SYNC_BIT === size);
    this.#sizes.push(isSync ? size + SYNC_BIT : size);
    if (isSync) this.#syncs++;
  }

  #addStep(step: number): void {
    const before = this.#steps.length - 1;
    if (before === 0 || (before > 0 && this.#steps.at(before) !== step)) this.#stepRuns++;
    this.#steps.push(step);
  }

  #addOffset(offset: number): void {
    const before = this.#offsets.length - 1;
    if (before < 0 || (this.#offsets.at(before) | 0) !== offset) this.#offsetRuns++;
    if (offset !== 0) this.#isReordered = true;
    this.#lowestOffset = before < 0 ? offset : Math.min(this.#lowestOffset, offset);
    this.#offsets.push(offset);
  }

  #durationAt(index: number): number {
    return index + 1 < this.length ? this.#steps.at(index + 1) : this.#lastDuration;
  }

  #descriptionAt(chunk: number): number {
    return this.#descriptions.findLast((from) => from.chunk <= chunk)?.description ?? 1;
  }

  /** A chunk is of one description: another begins another chunk. */
  #addToChunk(size: number, target: number, description: number): void {
    const isOther = this.#descriptions.at(-1)?.description !== description;
    if (target !== this.#chunkEnd || isOther) {
      if (isOther) this.#descriptions.push({ chunk: this.#chunks.length, description });
      this.#chunks.push(target);
      this.#chunkSamples.push(0);
    }
    const chunk = this.#chunkSamples.length - 1;
    this.#chunkSamples.set(chunk, this.#chunkSamples.at(chunk) + 1);
    this.#chunkEnd = target + size;
  }
}
