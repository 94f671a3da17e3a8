import { systemFiles } from "../kernel/files/system_files.ts";
import { ByteWriter } from "../media/bytes.ts";
import { writeFragment } from "../media/mp4/fragment.ts";
import { initSegment } from "../media/mp4/init_segment.ts";
import { mp4Track } from "../media/mp4/track.ts";
import { completeMovie } from "../plugins/fmp4/complete_movie.ts";
import { programOptions } from "./program_options.ts";

const PICTURES = 60;
const SOUNDS = 47;
const SECONDS_PER_SEGMENT = 2;

const VIDEO = mp4Track({
  id: 1,
  kind: "video",
  codec: "avc",
  config: Uint8Array.fromHex(
    "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
  ),
})!;
const AUDIO = mp4Track({ id: 2, kind: "audio", codec: "aac", config: Uint8Array.fromHex("1190") })!;

/** Makes a recording of so many hours and gigabytes, and completes it in turn with `cp`. */
async function measure(place: string, hours: number, gigabytes: number): Promise<void> {
  const seconds = Math.round(hours * 3600);
  const sources = await makeRecording(place, seconds, gigabytes * 1e9 / seconds);
  await completeMovie(systemFiles, sources.slice(0, 20), `${place}/warm_up.mp4`);
  await run("sync", []);
  for (let round = 1; round <= 3; round++) {
    const watch = new Watch();
    const movie = await completeMovie(systemFiles, sources, `${place}/complete.mp4`);
    const { ms, megabytes, lagMs } = watch.stop();
    const other = new Watch();
    await run("cp", [`${place}/complete.mp4`, `${place}/copy.mp4`]);
    await run("sync", [`${place}/copy.mp4`]);
    const copy = other.stop();
    const figures = `${(movie!.bytes / 1e9).toFixed(2)} GB of ${(movie!.seconds / 3600).toFixed(2)} h`;
    console.log(
      `round ${round}: ${figures} completed in ${(ms / 1000).toFixed(1)} s (cp: ${(copy.ms / 1000).toFixed(1)} s), ` +
        `${megabytes.toFixed(0)} MB more memory, event loop held up ${lagMs.toFixed(0)} ms at most ` +
        `(while cp runs: ${copy.lagMs.toFixed(0)} ms)`,
    );
    await Deno.remove(`${place}/complete.mp4`);
    await Deno.remove(`${place}/copy.mp4`);
  }
}

/** The files of a recording: an init segment and segments of two fragments. */
async function makeRecording(place: string, seconds: number, bytesPerSecond: number): Promise<string[]> {
  const sources = [`${place}/init.mp4`];
  await Deno.writeFile(sources[0], initSegment([VIDEO, AUDIO]));
  const noise = crypto.getRandomValues(new Uint8Array(65_536));
  const pictureBytes = Math.max(10, (bytesPerSecond - SOUNDS * 300) / PICTURES);
  const out = new ByteWriter(4 * 1024 * 1024);
  for (let second = 0; second < seconds; second++) {
    writeFragment(out, {
      sequence: second + 1,
      tracks: [pictures(second, pictureBytes, noise), sounds(second, noise)],
    });
    if ((second + 1) % SECONDS_PER_SEGMENT > 0 && second + 1 < seconds) continue;
    const path = `${place}/${sources.length}.m4s`;
    await Deno.writeFile(path, out.view());
    sources.push(path);
    out.clear();
  }
  return sources;
}

function pictures(second: number, bytes: number, noise: Uint8Array) {
  const samples = Array.from({ length: PICTURES }, (_, i) => ({
    data: noise.subarray(0, Math.min(noise.length, Math.round(bytes * (0.6 + (i * 7 + second) % 9 / 10)))),
    duration: i % 3 === 2 ? 1530 : 1485,
    offset: i % 3 * 1500,
    isSync: i === 0,
  }));
  return { trackId: 1, time: second * 90_000, samples };
}

function sounds(second: number, noise: Uint8Array) {
  const samples = Array.from({ length: SOUNDS }, (_, i) => ({
    data: noise.subarray(0, 280 + (i * 31 + second) % 40),
    duration: 1024,
    offset: 0,
    isSync: true,
  }));
  return { trackId: 2, time: second * SOUNDS * 1024, samples };
}

/** Looks at time, memory and the event loop while something is done. */
class Watch {
  readonly #startedAt = performance.now();
  readonly #rss = Deno.memoryUsage().rss;
  readonly #timer = setInterval(() => this.#look(), 5);
  #most = this.#rss;
  #lookedAt = this.#startedAt;
  #lag = 0;

  stop(): { ms: number; megabytes: number; lagMs: number } {
    this.#look();
    clearInterval(this.#timer);
    const ms = performance.now() - this.#startedAt;
    return { ms, megabytes: (this.#most - this.#rss) / 1e6, lagMs: this.#lag };
  }

  #look(): void {
    const now = performance.now();
    this.#lag = Math.max(this.#lag, now - this.#lookedAt - 5);
    this.#lookedAt = now;
    this.#most = Math.max(this.#most, Deno.memoryUsage().rss);
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command} failed`);
}

if (import.meta.main) {
  const { hours, gigabytes, folder } = programOptions({
    about: "Makes a recording a complete MP4, in turn with cp",
    options: {
      hours: { what: "how long it plays", least: 0.01, otherwise: 4 },
      gigabytes: { what: "how large it is", least: 0.001, otherwise: 2 },
      folder: { what: "where there is room for it twice", otherwise: "." },
    },
    places: ["hours", "gigabytes", "folder"],
  });
  const place = await Deno.makeTempDir({ dir: folder, prefix: "mp4_finish_" });
  try {
    await measure(place, hours, gigabytes);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}
