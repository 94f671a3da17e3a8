import { assert, assertEquals } from "@std/assert";
import { DataFolder } from "../support/data_folder.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf, type SeenPacket } from "./ffmpeg.ts";
import { ffprobe } from "./ffprobe.ts";

/** A recording of five seconds with an index, as FLV and as MP4 that can be played from its beginning. */
async function recordings(folder: DataFolder): Promise<{ flv: string; mp4: string }> {
  const [clip, flv, mp4] = ["clip.flv", "indexed.flv", "fast.mp4"].map((name) => `${folder.path}/${name}`);
  await makeClip(clip, { seconds: 5, video: H264, audio: AAC });
  const copy = (...to: string[]) => ffmpeg(["-i", clip, "-c", "copy", ...to]);
  await copy("-flvflags", "add_keyframe_index", flv);
  await copy("-movflags", "+faststart", mp4);
  await folder.write("flv/live/cam/20251231_100000.flv", await Deno.readFile(flv));
  await folder.write("mp4/live/cam/output_merge/stream_full.mp4", await Deno.readFile(mp4));
  return { flv, mp4 };
}

function payloads(packets: readonly SeenPacket[]): string[] {
  return packets.map(({ stream, md5 }) => `${stream} ${md5}`);
}

Deno.test("ffmpeg plays recordings over HTTP, from the beginning and from the middle, as it does from the disk", async () => {
  await using folder = await DataFolder.start();
  const { flv, mp4 } = await recordings(folder);
  const base = `http://127.0.0.1:${folder.server.port}`;
  const pairs = [
    [flv, `${base}/flv/live/cam/index.flv`],
    [mp4, `${base}/mp4/live/cam/output_merge/stream_full.mp4`],
  ];
  for (const [path, url] of pairs) {
    for (const seek of [[], ["-ss", "3.5"]]) {
      const [local, served] = [await packetsOf([...seek, "-i", path]), await packetsOf([...seek, "-i", url])];
      assert(local.length > 20);
      assertEquals(served, local, `${url} ${seek}`);
    }
  }
});

Deno.test("from the byte of a key frame on, ffmpeg plays what follows in the file, at its times", async () => {
  await using folder = await DataFolder.start();
  const { flv } = await recordings(folder);
  const { packets } = await ffprobe(["-show_entries", "packet=stream_index,flags,pos", flv]) as {
    packets: { stream_index: number; flags: string; pos: string }[];
  };
  const keys = packets.filter(({ stream_index, flags }) => stream_index === 0 && flags.startsWith("K"));
  const all = await packetsOf(["-i", flv]);
  for (const key of keys.slice(1)) {
    const url = `http://127.0.0.1:${folder.server.port}/flv/live/cam/20251231_100000.flv?start=${key.pos}`;
    const served = await packetsOf(["-i", url]);
    const rest = all.filter((_, i) => Number(packets[i].pos) >= Number(key.pos));
    assertEquals(payloads(served).toSorted(), payloads(rest).toSorted());
    assertEquals(served[0].pts, rest[0].pts);
  }
});
