import type { Files, OpenFile } from "../../kernel/files/files.ts";
import { FragmentReader } from "../../media/mp4/fragment_reader.ts";
import { MovieIndex } from "../../media/mp4/movie_index.ts";

/** What a complete movie came to. */
export interface CompleteMovie {
  /** Of the whole file. */
  readonly bytes: number;
  readonly seconds: number;
}

/** How much is read at a time while looking for fragments: their description is mostly smaller. */
const LOOK_BYTES = 16 * 1024;

/** How much is copied at a time: enough for the disk, little for the memory. */
const COPY_BYTES = 1024 * 1024;

/** A file of fragments, and where it begins, counted through all of them. */
interface Source {
  readonly path: string;
  readonly start: number;
}

/**
 * Makes a complete MP4 file, its index in front, from files of fragments: init segments and segments in their order, or
 * a whole fragmented file, any of them torn; what is whole in them is all in it.
 *
 * Undefined, and no file, when there is nothing whole in them. Works piece by piece: the memory it takes is that of the index, some
 * twelve bytes a sample, and two megabytes. `target` must not exist; when something fails it is removed.
 */
export async function completeMovie(
  files: Files,
  paths: readonly string[],
  target: string,
  signal?: AbortSignal,
): Promise<CompleteMovie | undefined> {
  const index = new MovieIndex([]);
  const sources = await indexAll(files, paths, index, signal);
  if (index.mediaBytes === 0) return undefined;
  const out = await files.create(target);
  try {
    await using _open = out;
    const head = await writeHead(out, index, signal);
    await new Copier(files, sources, out, signal).copy(index);
    await out.sync();
    return { bytes: head + index.mediaBytes, seconds: index.seconds };
  } catch (error) {
    await out.close();
    await files.remove(target);
    throw error;
  }
}

async function indexAll(
  files: Files,
  paths: readonly string[],
  index: MovieIndex,
  signal?: AbortSignal,
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  const buffer = new Uint8Array(LOOK_BYTES);
  let reader = new FragmentReader();
  let start = 0;
  for (const path of paths) {
    signal?.throwIfAborted();
    const size = (await files.facts(path))?.size ?? 0;
    if (size === 0) continue;
    reader = FragmentReader.behind(reader, start);
    await using file = await files.open(path, "read");
    await indexFile(file, size, reader, index, buffer);
    sources.push({ path, start });
    start += size;
  }
  return sources;
}

/** Looks at the descriptions of fragments alone: media data is passed over. */
async function indexFile(
  file: OpenFile,
  size: number,
  reader: FragmentReader,
  index: MovieIndex,
  buffer: Uint8Array,
): Promise<void> {
  for (let position = 0; position < size && reader.problem === undefined;) {
    const skipped = Math.min(reader.unread, size - position);
    if (skipped > 0) {
      take(index, reader.skip(skipped));
      position += skipped;
      continue;
    }
    const count = await file.read(buffer.subarray(0, Math.min(buffer.length, size - position)), position);
    if (count === 0) return;
    take(index, reader.read(buffer.subarray(0, count)));
    position += count;
  }
}

function take(index: MovieIndex, events: ReturnType<FragmentReader["read"]>): void {
  for (const event of events) {
    if (event.type === "tracks") index.describe(event.tracks);
    else index.addRuns(event.runs);
  }
}

async function writeHead(out: OpenFile, index: MovieIndex, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  for (const piece of index.headPieces()) {
    signal?.throwIfAborted();
    await out.write(piece);
    bytes += piece.length;
  }
  return bytes;
}

/** Copies media data from sources into a file, reading the next piece while one is being written. */
class Copier {
  readonly #files: Files;
  readonly #sources: readonly Source[];
  readonly #out: OpenFile;
  readonly #signal?: AbortSignal;
  #buffer = new Uint8Array(COPY_BYTES);
  #spare = new Uint8Array(COPY_BYTES);
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();
  #at = -1;
  #file?: OpenFile;

  constructor(files: Files, sources: readonly Source[], out: OpenFile, signal?: AbortSignal) {
    this.#files = files;
    this.#sources = sources;
    this.#out = out;
    this.#signal = signal;
  }

  async copy(index: MovieIndex): Promise<void> {
    try {
      for (const { position, length } of index.copies()) await this.#take(position, length);
      await this.#hand();
      await this.#writing;
    } finally {
      await this.#writing.catch(() => {});
      await this.#file?.close();
    }
  }

  async #take(position: number, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      const room = this.#buffer.subarray(this.#filled, Math.min(this.#filled + length - done, COPY_BYTES));
      const count = await this.#read(room, position + done);
      if (count === 0) throw new Error("A file of fragments has become shorter while it was copied");
      done += count;
      this.#filled += count;
      if (this.#filled === COPY_BYTES) await this.#hand();
    }
  }

  async #read(into: Uint8Array, position: number): Promise<number> {
    let at = Math.max(this.#at, 0);
    while (at + 1 < this.#sources.length && this.#sources[at + 1].start <= position) at++;
    if (at !== this.#at) {
      await this.#file?.close();
      this.#file = await this.#files.open(this.#sources[at].path, "read");
      this.#at = at;
    }
    const { start } = this.#sources[at];
    const end = this.#sources[at + 1]?.start ?? Infinity;
    return await this.#file!.read(into.subarray(0, Math.min(into.length, end - position)), position - start);
  }

  /** Has the buffer written, once the one before has been. */
  async #hand(): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#filled);
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    this.#filled = 0;
    this.#writing = this.#out.write(full);
    // Whoever waits next hears of a failure; until then nobody does.
    this.#writing.catch(() => {});
  }
}
