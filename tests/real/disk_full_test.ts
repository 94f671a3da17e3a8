import { assert, assertMatch } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { RtmpPlayClient } from "../../protocols/rtmp/client.ts";
import { patiently } from "../support/patience.ts";
import { packetsOf } from "../support/stream_maker.ts";
import { assertSamePackets, frames } from "../support/packets.ts";
import { AAC, H264, makeClip } from "./ffmpeg.ts";
import {
  type Film,
  publishFilm,
  readFilm,
  recordedRuns,
  RECORDING_SINKS,
  RecordingProgram,
} from "./recording_program.ts";
import { SmallDisk } from "./small_disk.ts";

const DISK_MEGABYTES = 20;

/** What is deleted to make room. */
const BALLAST_MEGABYTES = 11;

const FILM_SECONDS = 9;

/** 6 Mbit/s, whatever there is to be seen. */
const HEAVY = [...H264, ..."-b:v 6M -minrate 6M -maxrate 6M -bufsize 2M -x264-params nal-hrd=cbr".split(" ")];

const STREAMS = ["live/a", "live/b"];

/** How systems and sinks say that a disk is full. */
const FULL = /no space left|MB are free/i;

/** Plays a stream to its end. */
async function play(address: string): Promise<MediaPacket[]> {
  const packets: MediaPacket[] = [];
  for await (const packet of await RtmpPlayClient.connect(address)) packets.push(packet);
  return packets;
}

/** Waits until something has been told of a sink so many times; gives the last of them. */
async function told(server: RecordingProgram, name: string, by: string, times: number): Promise<string> {
  const line = `^${name} \\{.*"by":"${by}".*\n`;
  const [found] = await server.program.until(new RegExp(`(?:${line}[^]*?){${times}}`, "m"));
  return found.trimEnd().split("\n").at(-1)!.slice(name.length);
}

function timesTold(server: RecordingProgram, name: string, by: string): number {
  return server.program.out.match(new RegExp(`^${name} \\{.*"by":"${by}"`, "gm"))?.length ?? 0;
}

/** All files below a folder whose names end like this. */
async function filesBelow(folder: string, extension: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesBelow(path, extension));
    else if (name.endsWith(extension)) found.push(path);
  }
  return found;
}

Deno.test({
  name: "while the disk is full live goes on, nothing recorded is lost, and recording goes on when there is room " +
    "(needs the right to mount a disk in memory)",
  ignore: !await SmallDisk.canMount(),
  async fn() {
    const folder = await Deno.makeTempDir();
    await using disk = await SmallDisk.mount(DISK_MEGABYTES);
    assert(disk);
    try {
      await makeClip(`${folder}/film.flv`, { seconds: FILM_SECONDS, video: HEAVY, audio: AAC });
      const film = await readFilm(`${folder}/film.flv`);
      await Deno.writeFile(`${disk.path}/ballast`, new Uint8Array(BALLAST_MEGABYTES * 1_000_000));
      const unfinished = await fillAndMakeRoom(disk.path, film);
      await disk.grow(3 * DISK_MEGABYTES);
      const recordings = await completedNow(disk.path, unfinished);
      assert(recordings.length >= RECORDING_SINKS.length * 2 * STREAMS.length, `there are only ${recordings}`);
      for (const path of recordings) {
        const { video, audio } = await recordedRuns(path, film);
        assert(video.count > 0 && audio.count > 0, path);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Records until the disk is full, and goes on when there is room; gives how many recordings each sink left unfinished. */
async function fillAndMakeRoom(data: string, film: Film): Promise<readonly number[]> {
  await using server = await startOn(data);
  const leaving = new AbortController();
  const players = STREAMS.map((stream) => play(server.address + stream));
  const publishers = STREAMS.map((stream) => publishFilm(server.address + stream, film, leaving.signal));
  for (const { plugin } of RECORDING_SINKS) {
    const { problem, stream } = JSON.parse(await told(server, "artifact:fail", plugin, 1));
    assertMatch(problem, FULL);
    assertMatch(server.program.err, new RegExp(`Cannot (?:write|record) ${stream}.*: .*${FULL.source}`, "i"));
  }
  const opened = RECORDING_SINKS.map(({ plugin }) => timesTold(server, "artifact:open", plugin));
  await Deno.remove(`${data}/ballast`);
  for (const [i, { plugin }] of RECORDING_SINKS.entries()) await told(server, "artifact:open", plugin, opened[i] + 1);
  await Promise.all(publishers);
  for (const player of players) {
    const packets = await patiently(player, () => "the player was not ended");
    assertSamePackets(frames(packets), frames(packetsOf(film.tags)));
  }
  await server.program.stop();
  return RECORDING_SINKS.map(({ plugin }) =>
    timesTold(server, "artifact:open", plugin) - timesTold(server, "artifact:complete", plugin)
  );
}

/** With room enough, a start completes what was left; gives the paths of all recordings that are complete then. */
async function completedNow(data: string, unfinished: readonly number[]): Promise<string[]> {
  await using server = await startOn(data);
  for (const [i, { plugin }] of RECORDING_SINKS.entries()) {
    if (unfinished[i] > 0) await told(server, "artifact:complete", plugin, unfinished[i]);
  }
  const movies = (await filesBelow(`${data}/mp4`, ".mp4")).filter((path) => !path.endsWith("init.mp4"));
  return [...await filesBelow(`${data}/flv`, ".flv"), ...movies, ...await filesBelow(`${data}/hls`, "index.m3u8")];
}

function startOn(data: string): Promise<RecordingProgram> {
  const flags = RECORDING_SINKS.flatMap(({ plugin, flags }) => [...flags, `--${plugin}-min-free-megabytes=0`]);
  return RecordingProgram.start(data, flags);
}
