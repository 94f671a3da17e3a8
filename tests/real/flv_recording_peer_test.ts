import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { ByteWriter } from "../../media/bytes.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import { KeyframeIndex } from "../../media/flv/keyframe_index.ts";
import { FlvReader, type FlvTag } from "../../media/flv/reader.ts";
import { RECORDING_HEAD_BYTES, recordingHead } from "../../media/flv/recording_head.ts";
import { TAG_SCRIPT, TAG_VIDEO, writeFlvTag } from "../../media/flv/tag.ts";
import { trackStates } from "./encoded.ts";
import { AAC, H264, makeClip, packetsOf } from "./ffmpeg.ts";
import { complaints, ffprobe } from "./ffprobe.ts";

Deno.test("ffmpeg reads a recording, its duration and its metadata, and seeks by its index, also when it broke off", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await makeClip(`${folder}/clip.flv`, { seconds: 5, video: H264, audio: AAC });
    const sent = await packetsOf(["-i", `${folder}/clip.flv`]);
    const tags = new FlvReader().read(await Deno.readFile(`${folder}/clip.flv`)).filter((event) =>
      event.type === "tag"
    );
    for (const isComplete of [true, false]) {
      const path = `${folder}/${isComplete ? "complete" : "broken"}.flv`;
      await Deno.writeFile(path, record(tags, isComplete));
      assertEquals(await complaints(path), "");
      assertEquals(await packetsOf(["-i", path]), sent);
      const probed = await ffprobe(["-show_format", "-show_streams", path]);
      const { duration } = probed.format as { duration?: string };
      if (isComplete) assertAlmostEquals(Number(duration), 5, 0.1);
    }
    const [first] = await packetsOf(["-ss", "3.5", "-i", `${folder}/complete.flv`, "-map", "0:v"]);
    const keys = sent.filter(({ stream }) => stream === "0").filter((_, i) => i % 25 === 0);
    assert(keys.some(({ md5 }) => md5 === first.md5), "begins with a key frame");
    assertStrictEquals(first.pts, keys[3].pts);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The recording of tags; one that broke off has its beginning alone as it was written first. */
function record(tags: readonly FlvTag[], isComplete: boolean): Uint8Array {
  const media = tags.filter(({ tagType }) => tagType !== TAG_SCRIPT);
  const packets = media.flatMap(({ tagType, timestamp, body }) => parseTagBody(tagType, timestamp, body));
  const tracks = trackStates(packets);
  const out = new ByteWriter();
  const index = new KeyframeIndex();
  for (const { tagType, timestamp, body } of media) {
    const isKey = tagType === TAG_VIDEO && body[0] >> 4 === 1;
    if (isKey) index.add(timestamp, RECORDING_HEAD_BYTES + out.length);
    writeFlvTag(out, tagType, timestamp, body);
  }
  const fileSize = RECORDING_HEAD_BYTES + out.length;
  const duration = media.at(-1)!.timestamp + 40;
  const head = recordingHead(isComplete ? { tracks, duration, fileSize, index } : { tracks });
  return new ByteWriter(fileSize).raw(head).raw(out.view()).view();
}
