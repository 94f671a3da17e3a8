import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { FlvReader } from "../../media/flv/reader.ts";
import { TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "../../media/flv/tag.ts";
import type { MediaKind } from "../../media/packet.ts";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import type { Tag } from "../support/stream_maker.ts";
import { bannerPorts, Program } from "../support/program.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { seenFrames } from "./fmp4_scene.ts";

/** A plugin that records. */
export interface RecordingSink {
  readonly plugin: string;
  /** The most that may be missing when the server is killed, in seconds: what is written at a time. */
  readonly seconds: number;
  /** What has it leave the disk to its own pace: what the system has been given survives the process. */
  readonly flags: readonly string[];
}

/** Every plugin that records. HLS writes whole segments: here of a second, which are whole when the next one begins. */
export const RECORDING_SINKS: readonly RecordingSink[] = [
  { plugin: "flv-record", seconds: 1, flags: ["--no-flv-record-sync"] },
  { plugin: "fmp4", seconds: 1, flags: ["--no-fmp4-sync"] },
  { plugin: "hls", seconds: 1.1, flags: ["--hls-record", "--hls-segment-seconds=1", "--hls-container=fmp4"] },
];

/** A server process that records into a folder with every sink. */
export class RecordingProgram implements AsyncDisposable {
  private constructor(readonly program: Program, readonly address: string, readonly folder: string) {}

  static async start(folder: string, flags: readonly string[] = []): Promise<RecordingProgram> {
    const plugins = ["rtmp", ...RECORDING_SINKS.map(({ plugin }) => plugin), "./tests/real/artifact_witness.ts"];
    const ports = ["--http-host=127.0.0.1", "--http-port=0", "--rtmp-host=127.0.0.1", "--rtmp-port=0"];
    const program = Program.server(["start", `--plugins=${plugins}`, `--data-dir=${folder}`, ...ports, ...flags]);
    const { rtmp } = await bannerPorts(program);
    return new RecordingProgram(program, `rtmp://127.0.0.1:${rtmp}/`, folder);
  }

  /** Waits until a sink has completed a recording of a stream; gives its path. */
  async completed(by: string, stream = "live/cam"): Promise<string> {
    const line = new RegExp(`^artifact:complete (\\{"stream":"${stream}","by":"${by}",.*\\})$`, "m");
    const [, event] = await this.program.until(line);
    return join(this.folder, JSON.parse(event).path);
  }

  /** Ends the process at once, as a loss of power does to everything but the disk. */
  async kill(): Promise<void> {
    this.program.kill("SIGKILL");
    await this.program.over();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}

/** What is published, with what ffmpeg makes of it. */
export interface Film {
  readonly tags: readonly Tag[];
  /** The checksums of all frames in their order. */
  readonly frames: Readonly<Record<"video" | "audio", readonly string[]>>;
}

const KINDS: Readonly<Record<number, MediaKind>> = { [TAG_VIDEO]: "video", [TAG_AUDIO]: "audio", [TAG_SCRIPT]: "data" };

/** Reads an FLV file with video as its first stream and audio as its second. */
export async function readFilm(path: string): Promise<Film> {
  const tags = new FlvReader().read(await Deno.readFile(path))
    .filter((event) => event.type === "tag")
    .map(({ tagType, timestamp, body }) => ({ kind: KINDS[tagType], dts: timestamp * 1000, body }));
  const { frames } = await seenFrames(path);
  const ofStream = (wanted: number) => frames.filter(({ stream }) => stream === wanted).map(({ md5 }) => md5);
  return { tags, frames: { video: ofStream(0), audio: ofStream(1) } };
}

/** Publishes a film at its own pace until it is over; when the signal aborts, it vanishes. Throws when the server goes. */
export async function publishFilm(address: string, { tags }: Film, signal: AbortSignal): Promise<void> {
  const client = await RtmpPublishClient.connect(address);
  const startedAt = performance.now();
  try {
    for (const tag of tags) {
      await untilTime(startedAt + tag.dts / 1000, signal);
      if (signal.aborted) return;
      await client.write(tag);
    }
    await client.close();
  } finally {
    client.destroy();
  }
}

async function untilTime(at: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ms = at - performance.now();
  if (ms <= 0 || signal.aborted) return;
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}

/** Which frames of a film a recording has, of each kind: from which on, and how many. */
export type RecordedRuns = Readonly<Record<"video" | "audio", { readonly from: number; readonly count: number }>>;

/** Looks what a recording has, and makes sure that it is a piece of the film without a gap, and can be decoded. */
export async function recordedRuns(path: string, film: Film): Promise<RecordedRuns> {
  const decoded = await ffmpeg(["-xerror", "-i", path, "-f", "null", "-"]);
  assertEquals([decoded.success, decoded.log], [true, ""], path);
  const { frames } = await seenFrames(path);
  const streams = [0, 1].map((wanted) => frames.filter(({ stream }) => stream === wanted).map(({ md5 }) => md5));
  const run = (kind: "video" | "audio") => {
    const found = streams.find(([first]) => film.frames[kind].includes(first)) ?? [];
    return { from: placeOf(found, film.frames[kind], `the ${kind} of ${path}`), count: found.length };
  };
  return { video: run("video"), audio: run("audio") };
}

/** Where the checksums stand in those of the film; the first one may be there several times. */
function placeOf(run: readonly string[], whole: readonly string[], what: string): number {
  for (let from = whole.indexOf(run[0]); from >= 0; from = whole.indexOf(run[0], from + 1)) {
    if (run.every((md5, i) => md5 === whole[from + i])) return from;
  }
  assert(run.length === 0, `${what} is not what was published`);
  return 0;
}
