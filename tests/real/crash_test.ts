import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createHash } from "node:crypto";
import { RtmpClientError, RtmpPlayClient } from "../../protocols/rtmp/client.ts";
import { eventually } from "../support/eventually.ts";
import { patiently } from "../support/patience.ts";
import { AAC, H264, makeClip } from "./ffmpeg.ts";
import { type FrameCounts, RecordedSoFar } from "./recorded_so_far.ts";
import {
  type Film,
  publishFilm,
  readFilm,
  recordedRuns,
  RECORDING_SINKS,
  RecordingProgram,
  type RecordingSink,
} from "./recording_program.ts";

/** How often the server is killed; more with the variable, to look for what happens seldom. */
const ROUNDS = Number(Deno.env.get("CRASH_ROUNDS") ?? 3);

/** A server is killed when it has had so much, and then up to twice as much, in milliseconds. */
const LEAST_MS = 1500;

/** So long that no stream ends before its server is killed, however slow all is. */
const FILM_SECONDS = 60;

const FLAGS = RECORDING_SINKS.flatMap(({ flags }) => flags);

const KINDS = ["video", "audio"] as const;

/** How long a frame lasts, in seconds. */
const FRAME_SECONDS = { video: 1 / 25, audio: 1024 / 44_100 };

/** What a player has got: at least so much the server has had. */
class Witness {
  readonly counts: FrameCounts = { video: 0, audio: 0 };
  readonly #enough = Promise.withResolvers<void>();

  /** Settles when that is enough to be killed. */
  get enough(): Promise<void> {
    return this.#enough.promise;
  }

  async watch(address: string): Promise<void> {
    try {
      for await (const { kind, role, dts } of await RtmpPlayClient.connect(address)) {
        if (kind === "data" || role === "config") continue;
        this.counts[kind]++;
        if (dts >= LEAST_MS * 1000) this.#enough.resolve();
      }
    } catch (error) {
      if (!(error instanceof RtmpClientError)) throw error;
    }
  }
}

/** How much of what was there is missing, in seconds. */
function missingSeconds(had: FrameCounts, found: FrameCounts, kind: "video" | "audio"): number {
  return (had[kind] - found[kind]) * FRAME_SECONDS[kind];
}

/**
 * Publishes until the server is killed; gives what it had received at some moment before, and when that was. It is killed as
 * soon as the disk has that too, but for the last second: how quick disks are is not what is looked at.
 */
async function killWhilePublishing(server: RecordingProgram, film: Film): Promise<{ had: FrameCounts; ms: number }> {
  const recorded = await Promise.all(RECORDING_SINKS.map(async (sink) => {
    return { sink, recording: await RecordedSoFar.before(server.folder, sink.plugin) };
  }));
  const witness = new Witness();
  const leaving = new AbortController();
  const watching = witness.watch(`${server.address}live/cam`);
  const publishing = publishFilm(`${server.address}live/cam`, film, leaving.signal).catch(() => {});
  await patiently(witness.enough, () => "the player does not get enough");
  const ms = Math.random() * LEAST_MS;
  await new Promise((resolve) => setTimeout(resolve, ms));
  const had = { ...witness.counts };
  for (const { sink: { plugin, seconds }, recording } of recorded) {
    const isWritten = async () => {
      const found = await recording.frames();
      return KINDS.every((kind) => missingSeconds(had, found, kind) <= seconds);
    };
    await eventually(isWritten, `${plugin} is behind by more than ${seconds} s`);
  }
  await server.kill();
  leaving.abort();
  await Promise.all([watching, publishing]);
  return { had, ms: LEAST_MS + ms };
}

/** What has been completed, and must not change any more. */
class Archive {
  readonly #sums = new Map<string, string>();

  /** Fails unless a file is new. */
  async add(path: string): Promise<void> {
    assert(!this.#sums.has(path), `${path} was made before`);
    this.#sums.set(path, await checksum(path));
  }

  async check(): Promise<void> {
    for (const [path, sum] of this.#sums) assertEquals(await checksum(path), sum, `${path} has changed`);
  }
}

async function checksum(path: string): Promise<string> {
  return createHash("md5").update(await Deno.readFile(path)).digest("hex");
}

/** Fails unless a sink completes now what it had when the server was killed, but for the last second. */
async function assertCompleted(
  server: RecordingProgram,
  { plugin, seconds }: RecordingSink,
  film: Film,
  had: FrameCounts,
): Promise<string> {
  const path = await server.completed(plugin);
  const { video, audio } = await recordedRuns(path, film);
  assertEquals([video.from, audio.from], [0, 0]);
  for (const kind of KINDS) {
    const missing = missingSeconds(had, { video: video.count, audio: audio.count }, kind);
    assertLessOrEqual(missing, seconds, `${plugin}: ${missing} s of ${kind} are missing in ${path}`);
  }
  return path;
}

Deno.test("whenever a server is killed, its next start completes what it had recorded, but for a second", async (t) => {
  const folder = await Deno.makeTempDir();
  const data = `${folder}/data`;
  let server: RecordingProgram | undefined;
  try {
    await makeClip(`${folder}/film.flv`, { seconds: FILM_SECONDS, video: H264, audio: AAC });
    const film = await readFilm(`${folder}/film.flv`);
    const archive = new Archive();
    server = await RecordingProgram.start(data, FLAGS);
    for (let round = 1; round <= ROUNDS; round++) {
      const { had, ms } = await killWhilePublishing(server, film);
      const next = server = await RecordingProgram.start(data, FLAGS);
      await t.step(`kill ${round}, after ${(ms / 1000).toFixed(2)} s`, async () => {
        for (const sink of RECORDING_SINKS) await archive.add(await assertCompleted(next, sink, film, had));
        await archive.check();
      });
    }
  } finally {
    await server?.[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
});
