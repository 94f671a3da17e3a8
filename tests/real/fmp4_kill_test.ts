import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { concat } from "../../media/bytes.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { FragmentReader } from "../../media/mp4/fragment_reader.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { patiently } from "../support/patience.ts";
import { Program } from "../support/program.ts";
import { turn } from "../support/eventually.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf } from "./ffmpeg.ts";
import { complaints } from "./ffprobe.ts";

const RUN = ["start", "--plugins", "rtmp,fmp4", "--http-port", "0", "--rtmp-port", "0"];

const CLIP_SECONDS = 6;
const PICTURES_PER_SECOND = 25;

/** A fragment of a second, and the picture that ends it. */
const LOST_PICTURES = PICTURES_PER_SECOND + 1;

Deno.test("a server that is killed loses the last second at most: the next start completes the rest", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const source = `${cwd}/source.flv`;
    await makeClip(source, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
    const packets = new FlvDemuxer().read(await Deno.readFile(source));
    await killAfter(cwd, packets, CLIP_SECONDS * PICTURES_PER_SECOND - LOST_PICTURES);
    await using server = Program.server(RUN, { cwd });
    await server.until(/is complete: /, "err");
    const movie = await onlyMovie(`${cwd}/data/mp4/live/cam`);
    assertEquals(await complaints(movie), "");
    assertEquals(await ffmpeg(["-xerror", "-i", movie, "-f", "null", "-"]), { success: true, log: "" });
    const [sent, kept] = [await packetsOf(["-i", source]), await packetsOf(["-i", movie])];
    for (const stream of ["0", "1"]) {
      const of = (list: typeof sent) => list.filter((packet) => packet.stream === stream).map(({ md5 }) => md5);
      assertEquals(of(kept), of(sent).slice(0, of(kept).length));
    }
    const pictures = kept.filter(({ stream }) => stream === "0").length;
    assertGreaterOrEqual(pictures, CLIP_SECONDS * PICTURES_PER_SECOND - LOST_PICTURES);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

/** Publishes packets to a server, and kills it as soon as so many pictures are on the disk. */
async function killAfter(cwd: string, packets: readonly MediaPacket[], pictures: number): Promise<void> {
  await using server = Program.server(RUN, { cwd });
  const [, port] = await server.until(/rtmp:\/\/localhost:(\d+)/);
  await using publisher = await RtmpPublishClient.connect(`rtmp://127.0.0.1:${port}/live/cam`);
  for (const packet of packets) await publisher.write(packet);
  let found = 0;
  const written = async () => {
    while ((found = await picturesIn(`${cwd}/data/.fmp4/unfinished/_/live/cam`)) < pictures) await turn();
  };
  await patiently(written(), () => `only ${found} of ${pictures} pictures are on the disk`);
  server.kill("SIGKILL");
  await server.over();
}

/** How many pictures are whole in the recording that is being written. */
async function picturesIn(folder: string): Promise<number> {
  const parts: Uint8Array[] = [];
  try {
    const [recording] = Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`);
    for (const name of ["init.mp4", ...Array.from({ length: 20 }, (_, i) => `${i + 1}.m4s`)]) {
      parts.push(await Deno.readFile(`${recording}/${name}`));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const runs = new FragmentReader().read(concat(parts)).flatMap((event) => event.type === "fragment" ? event.runs : []);
  return runs.filter(({ trackId }) => trackId === 1).reduce((sum, { samples }) => sum + samples.length, 0);
}

async function onlyMovie(folder: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter((name) =>
    name.endsWith(".mp4")
  );
  assertEquals(names.length, 1);
  return `${folder}/${names[0]}`;
}
