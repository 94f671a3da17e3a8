import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createHash } from "node:crypto";
import { RtmpClientError, RtmpPlayClient } from "../../protocols/rtmp/client.ts";
import { AAC, H264, makeClip } from "./ffmpeg.ts";
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

const FILM_SECONDS = 6;

const FLAGS = RECORDING_SINKS.flatMap(({ flags }) => flags);

/** How long a frame lasts, in seconds. */
const FRAME_SECONDS = { video: 1 / 25, audio: 1024 / 44_100 };

type Counts = Record<"video" | "audio", number>;

/** What a player has got: at least so much the server has had. */
class Witness {
  readonly counts: Counts = { video: 0, audio: 0 };
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

/** Publishes until the server is killed at some moment; gives what it had received then, and when that was. */
async function killWhilePublishing(server: RecordingProgram, film: Film): Promise<{ had: Counts; ms: number }> {
  const witness = new Witness();
  const leaving = new AbortController();
  const watching = witness.watch(`${server.address}live/cam`);
  const publishing = publishFilm(`${server.address}live/cam`, film, leaving.signal).catch(() => {});
  await witness.enough;
  const ms = Math.random() * LEAST_MS;
  await new Promise((resolve) => setTimeout(resolve, ms));
  const had = { ...witness.counts };
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
  had: Counts,
): Promise<string> {
  const path = await server.completed(plugin);
  const found = await recordedRuns(path, film);
  for (const kind of ["video", "audio"] as const) {
    assertEquals(found[kind].from, 0);
    const missing = (had[kind] - found[kind].count) * FRAME_SECONDS[kind];
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
