import { ByteWriter } from "../bytes.ts";
import { mediaDataHeader, type Writable } from "./box.ts";
import { fileType } from "./file_type.ts";
import { type Edit, MOVIE_TIMESCALE, movieBox, type TrackContent } from "./movie.ts";
import { NumberList } from "./number_list.ts";
import type { ReadRun } from "./read_fragment.ts";
import { SampleTable, type StoredSample } from "./sample_table.ts";
import type { Mp4Track } from "./track.ts";

/** Bytes of the sources that go into the file unchanged. */
export interface Copy {
  /** Where they begin, counted through all sources one behind the other. */
  readonly position: number;
  readonly length: number;
}

/** The fourth edition of the base format has signed composition offsets. */
const BRANDS = ["isom", "iso4", "mp41"];

/** From here on positions do not fit into 32 bits. */
const LARGE_FILE = 2 ** 32;

/** After so many bytes a piece of the head is given out. */
const PIECE_BYTES = 65_536;

/** A track of the file. */
interface IndexedTrack {
  /** The track as it was described first, under the number that it has in the file. */
  readonly track: Mp4Track;
  /** The number that it has in the sources. */
  readonly source: number;
  /** All its sample entries. */
  readonly sampleEntries: Uint8Array[];
  readonly table: SampleTable;
}

/** Where samples of a track of the sources go. */
interface Target {
  readonly indexed: IndexedTrack;
  /** Which of the track's descriptions is theirs, from 1. */
  readonly description: number;
  /** How many ticks of the file's track one of theirs is. */
  readonly scale: number;
}

/**
 * The index of a complete MP4 file that is made from samples stored elsewhere, such as in fragments: it begins with all
 * that players need ("fast start"), and the media data follows.
 *
 * It takes some twelve bytes of memory a sample: 19 MB for four hours of 60 pictures and 47 sounds a second, and once more
 * as much if the head is wanted whole. The file is the bytes of {@linkcode MovieIndex.head}, then those of the
 * {@linkcode MovieIndex.copies} in order.
 */
export class MovieIndex {
  readonly #tracks: IndexedTrack[] = [];
  readonly #targets = new Map<number, Target>();
  readonly #copyStarts = new NumberList({ wide: true });
  readonly #copyEnds = new NumberList({ wide: true });
  #bytes = 0;

  constructor(tracks: readonly Mp4Track[]) {
    this.describe(tracks);
  }

  /**
   * Says what tracks the samples that follow are of, when that changes.
   *
   * A track that goes on under its number, with the same kind of sample entry, goes on in the file, with a further sample
   * description if its own is new; at another timescale its times are rounded to that of the file. Otherwise it is another
   * track of the file, since players choose the decoder of a track by the kind of its entries.
   */
  describe(tracks: readonly Mp4Track[]): void {
    this.#targets.clear();
    for (const track of tracks) this.#targets.set(track.id, this.#target(track));
  }

  /** How many bytes of media data there are. */
  get mediaBytes(): number {
    return this.#bytes;
  }

  /** How many bytes of memory the index takes. */
  get memory(): number {
    const copies = this.#copyStarts.memory + this.#copyEnds.memory;
    return this.#tracks.reduce((sum, { table }) => sum + table.memory, copies);
  }

  /** How long the file plays, in seconds; 0 without samples. */
  get seconds(): number {
    const starts = this.#used().map(({ track, table }) => table.start / track.timescale);
    const ends = this.#used().map(({ track, table }) => (table.start + table.presentation) / track.timescale);
    return starts.length === 0 ? 0 : Math.max(...ends) - Math.min(...starts);
  }

  /**
   * Takes the next sample of a track. The media data has the samples in this order, so tracks must come interleaved.
   *
   * Throws `RangeError` for a track that is not in the index.
   */
  add(trackId: number, sample: StoredSample): void {
    this.#add(this.#targetOf(trackId), sample);
  }

  /** Takes the samples of a fragment that was read. Throws as {@linkcode MovieIndex.add} does. */
  addRuns(runs: readonly ReadRun[]): void {
    for (const { trackId, samples } of runs) {
      const target = this.#targetOf(trackId);
      for (const sample of samples) this.#add(target, sample);
    }
  }

  /** What stands in the file before the media data: `ftyp`, `moov` and the header of `mdat`. Tracks without samples are left out. */
  head(): Uint8Array {
    const out = new ByteWriter(PIECE_BYTES);
    for (const piece of this.headPieces()) out.raw(piece);
    return out.view();
  }

  /**
   * The same in pieces of some {@linkcode PIECE_BYTES} bytes, each made when it is asked for, in a few milliseconds: a
   * piece is good until the next one.
   */
  *headPieces(): Generator<Uint8Array> {
    const out = new ByteWriter(2 * PIECE_BYTES);
    for (const _pause of this.#writeHead(out)) {
      if (out.length < PIECE_BYTES) continue;
      yield out.view();
      out.clear();
    }
    yield out.view();
  }

  *#writeHead(out: ByteWriter): Generator<void> {
    const type = fileType("ftyp", BRANDS, 0x200);
    const mediaHeader = mediaDataHeader(this.#bytes);
    let base = 0;
    const movie = (isLarge: boolean) => this.#movie(() => base, isLarge);
    const small = movie(false);
    const isLarge = type.size + small.size + mediaHeader.length + this.#bytes >= LARGE_FILE;
    const moov = isLarge ? movie(true) : small;
    base = type.size + moov.size + mediaHeader.length;
    type.write(out);
    yield* moov.writeSlowly?.(out) ?? [];
    out.raw(mediaHeader);
  }

  /** The media data: what is to be copied behind the head, in order. */
  *copies(): Generator<Copy> {
    for (let i = 0; i < this.#copyStarts.length; i++) {
      const position = this.#copyStarts.at(i);
      yield { position, length: this.#copyEnds.at(i) - position };
    }
  }

  #targetOf(trackId: number): Target {
    const target = this.#targets.get(trackId);
    if (!target) throw new RangeError(`Cannot index a sample of track ${trackId}: the index has no such track`);
    return target;
  }

  #add({ indexed, description, scale }: Target, sample: StoredSample): void {
    indexed.table.add(scale === 1 ? sample : scaled(sample, scale), this.#bytes, description);
    this.#copy(sample.position, sample.size);
    this.#bytes += sample.size;
  }

  #target(track: Mp4Track): Target {
    const indexed = this.#tracks.findLast((other) => other.source === track.id && isAlike(other.track, track)) ??
      this.#open(track);
    const { sampleEntries } = indexed;
    const known = sampleEntries.findIndex((entry) => isSameBytes(entry, track.sampleEntry));
    const description = known >= 0 ? known + 1 : sampleEntries.push(track.sampleEntry);
    return { indexed, description, scale: indexed.track.timescale / track.timescale };
  }

  #open(track: Mp4Track): IndexedTrack {
    const ids = this.#tracks.map(({ track }) => track.id);
    const id = ids.includes(track.id) ? Math.max(...ids) + 1 : track.id;
    const indexed = { track: { ...track, id }, source: track.id, sampleEntries: [], table: new SampleTable() };
    this.#tracks.push(indexed);
    return indexed;
  }

  #copy(position: number, size: number): void {
    const last = this.#copyEnds.length - 1;
    if (last >= 0 && this.#copyEnds.at(last) === position) {
      this.#copyEnds.set(last, position + size);
    } else {
      this.#copyStarts.push(position);
      this.#copyEnds.push(position + size);
    }
  }

  #used(): readonly IndexedTrack[] {
    return this.#tracks.filter(({ table }) => table.length > 0);
  }

  #movie(base: () => number, isLarge: boolean): Writable {
    const used = this.#used();
    const start = Math.min(...used.map(({ track, table }) => table.start / track.timescale));
    return movieBox(used.map((indexed) => trackContent(indexed, start, base, isLarge)));
  }
}

/** `start` is when the whole file begins, in seconds: a track that begins later waits, by an empty edit. */
function trackContent(
  { track, sampleEntries, table }: IndexedTrack,
  start: number,
  base: () => number,
  isLarge: boolean,
): TrackContent {
  const ticks = MOVIE_TIMESCALE / track.timescale;
  const delay = Math.round(table.start * ticks - start * MOVIE_TIMESCALE);
  const presentation = Math.round(table.presentation * ticks);
  const { mediaTime } = table;
  const wait: Edit[] = delay > 0 ? [{ duration: delay, mediaTime: -1 }] : [];
  const edits = delay > 0 || mediaTime > 0 ? [...wait, { duration: presentation, mediaTime }] : [];
  const sampleTables = table.boxes(base, isLarge);
  return { track, sampleEntries, duration: delay + presentation, mediaDuration: table.duration, edits, sampleTables };
}

/** Where the type of a sample entry stands in it: behind its size. */
const ENTRY_TYPE = 4;

/** Whether both can be one track of a file: of one kind, with sample entries of one kind. */
function isAlike(a: Mp4Track, b: Mp4Track): boolean {
  const [own, other] = [a, b].map(({ sampleEntry }) => sampleEntry.subarray(ENTRY_TYPE, ENTRY_TYPE + 4));
  return a.kind === b.kind && isSameBytes(own, other);
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function scaled(sample: StoredSample, scale: number): StoredSample {
  const time = Math.round(sample.time * scale);
  const presented = Math.round((sample.time + sample.offset) * scale);
  return { ...sample, time, duration: Math.round(sample.duration * scale), offset: presented - time };
}
