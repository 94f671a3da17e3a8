import { concat } from "../../media/bytes.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { FragmentReader } from "../../media/mp4/fragment_reader.ts";

/** How many frames of each kind. */
export type FrameCounts = Record<"video" | "audio", number>;

/** Where a plugin that records has what it writes just now, below the data folder, and how many frames a recording there has. */
interface Place {
  readonly folder: string;
  count(path: string): Promise<FrameCounts>;
}

const PLACES: Readonly<Record<string, Place>> = {
  "flv-record": { folder: "flv/live/cam", count: framesInFlv },
  fmp4: {
    folder: ".fmp4/unfinished/_/live/cam",
    count: async (path) => framesInFragments(path, ["init.mp4", ...await numbered(path)]),
  },
  // Segments count as soon as the playlist lists them.
  hls: {
    folder: "hls/live/cam",
    count: async (path) => framesInFragments(path, ["init-0.mp4", ...await listed(`${path}/index.m3u8`)]),
  },
};

/** The recording of `live/cam` that a plugin begins next, looked at from outside while it is written. */
export class RecordedSoFar {
  readonly #data: string;
  readonly #place: Place;
  readonly #before: ReadonlySet<string>;

  private constructor(data: string, place: Place, before: ReadonlySet<string>) {
    this.#data = data;
    this.#place = place;
    this.#before = before;
  }

  /** To be called before it begins. */
  static async before(data: string, plugin: string): Promise<RecordedSoFar> {
    const place = PLACES[plugin];
    return new RecordedSoFar(data, place, new Set(await namesIn(`${data}/${place.folder}`)));
  }

  /** What is on the disk of it. */
  async frames(): Promise<FrameCounts> {
    const folder = `${this.#data}/${this.#place.folder}`;
    const name = (await namesIn(folder)).find((name) => /^\d/.test(name) && !this.#before.has(name));
    const counts = name === undefined ? undefined : await unlessAbsent(() => this.#place.count(`${folder}/${name}`));
    return counts ?? { video: 0, audio: 0 };
  }
}

async function framesInFlv(path: string): Promise<FrameCounts> {
  const counts = { video: 0, audio: 0 };
  for (const { kind, role } of new FlvDemuxer().read(await Deno.readFile(path))) {
    if (kind !== "data" && role !== "config" && role !== "metadata") counts[kind]++;
  }
  return counts;
}

async function framesInFragments(folder: string, names: readonly string[]): Promise<FrameCounts> {
  const counts = { video: 0, audio: 0 };
  const kinds = new Map<number, "video" | "audio">();
  const parts = await Promise.all(names.map((name) => Deno.readFile(`${folder}/${name}`)));
  for (const event of new FragmentReader().read(concat(parts))) {
    if (event.type === "tracks") { for (const { id, kind } of event.tracks) kinds.set(id, kind); }
    else for (const { trackId, samples } of event.runs) counts[kinds.get(trackId)!] += samples.length;
  }
  return counts;
}

/** The fragments in a folder, in their order. */
async function numbered(folder: string): Promise<string[]> {
  const numbers = (await namesIn(folder)).flatMap((name) => /^(\d+)\.m4s$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b).map((number) => `${number}.m4s`);
}

async function listed(playlist: string): Promise<string[]> {
  return (await Deno.readTextFile(playlist)).split("\n").filter((line) => line.endsWith(".m4s"));
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await unlessAbsent(() => Array.fromAsync(Deno.readDir(folder), ({ name }) => name));
  return names ?? [];
}

/** What is written just now comes and goes. */
async function unlessAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
