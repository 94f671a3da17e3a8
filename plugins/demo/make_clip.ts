/**
 * Makes `clip.flv.b64`, the clip of the demo plugin: H.264 and AAC in FLV, base64 in lines. Needs ffmpeg with libx264.
 *
 * ```sh
 * deno run --allow-read --allow-write --allow-run=ffmpeg plugins/demo/make_clip.ts
 * ```
 *
 * Three loops are encoded and the middle one is kept: its first frames were made by an encoder that had just seen its
 * last ones, so the clip can follow itself without a click.
 *
 * @module
 */
import { ByteWriter } from "../../media/bytes.ts";
import { flvHeader } from "../../media/flv/header.ts";
import { FlvReader, type FlvTag } from "../../media/flv/reader.ts";
import { type FlvTagType, TAG_AUDIO, TAG_VIDEO, writeFlvTag } from "../../media/flv/tag.ts";
import { isHeader } from "./clip.ts";
import { drawFrame, FRAMES_PER_SECOND, HEIGHT, LOOP_SECONDS, WIDTH } from "./clip_picture.ts";
import { playLoop, SAMPLE_RATE } from "./clip_sound.ts";

const LOOP_MS = LOOP_SECONDS * 1000;
const FRAMES = LOOP_SECONDS * FRAMES_PER_SECOND;
const AUDIO_FRAMES = LOOP_SECONDS * SAMPLE_RATE / 1024;

async function encodeThreeLoops(): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir();
  try {
    await writeLoops(`${folder}/picture`, Array.from({ length: FRAMES }, (_, i) => drawFrame(i / FRAMES_PER_SECOND)));
    await writeLoops(`${folder}/sound`, [new Uint8Array(playLoop().buffer)]);
    const { success } = await new Deno.Command("ffmpeg", { args: encoderArguments(folder) }).output();
    if (!success) throw new Error("Could not encode the clip: ffmpeg failed");
    return await Deno.readFile(`${folder}/clip.flv`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeLoops(path: string, parts: Uint8Array[]): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  for (let loop = 0; loop < 3; loop++) for (const part of parts) await writer.write(part);
  writer.releaseLock();
}

// deno-fmt-ignore
function encoderArguments(folder: string): string[] {
  return [
    "-loglevel", "error", "-bitexact",
    "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${WIDTH}x${HEIGHT}`, "-r", `${FRAMES_PER_SECOND}`, "-i", `${folder}/picture`,
    "-f", "s16le", "-ar", `${SAMPLE_RATE}`, "-ac", "1", "-i", `${folder}/sound`,
    "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
    "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
    "-c:v", "libx264", "-profile:v", "main", "-preset", "veryslow", "-tune", "animation", "-crf", "26", "-bf", "0",
    "-g", `${FRAMES_PER_SECOND}`, "-keyint_min", `${FRAMES_PER_SECOND}`, "-sc_threshold", "0",
    "-c:a", "aac", "-b:a", "56k", "-flags", "+bitexact+global_header",
    "-flvflags", "no_duration_filesize", "-f", "flv", `${folder}/clip.flv`,
  ];
}

/** The metadata and configurations, then the frames of the middle loop, with times from 0. */
function middleLoop(tags: FlvTag[]): FlvTag[] {
  const headers = tags.filter(isHeader).map((tag) => ({ ...tag, timestamp: 0 }));
  const frames = tags.filter((tag) => !isHeader(tag));
  const start = frames.find((tag) => tag.tagType === TAG_VIDEO)!.timestamp + LOOP_MS;
  const kept = frames.filter((tag) => tag.timestamp >= start);
  const video = retimed(kept, TAG_VIDEO, FRAMES);
  const audio = retimed(kept, TAG_AUDIO, AUDIO_FRAMES);
  return [...headers, ...[...video, ...audio].sort((a, b) => a.timestamp - b.timestamp || b.tagType - a.tagType)];
}

/** The first `count` tags of a type, spread evenly over the loop. */
function retimed(tags: FlvTag[], tagType: FlvTagType, count: number): FlvTag[] {
  return tags.filter((tag) => tag.tagType === tagType).slice(0, count)
    .map((tag, i) => ({ ...tag, timestamp: Math.round(i * LOOP_MS / count) }));
}

function writeFlv(tags: FlvTag[]): Uint8Array {
  const out = new ByteWriter();
  out.raw(flvHeader({ hasAudio: true, hasVideo: true }));
  for (const { tagType, timestamp, body } of tags) writeFlvTag(out, tagType, timestamp, body);
  return out.view();
}

/** Base64 in lines, so that the file can be shown and compared. */
function inLines(flv: Uint8Array): string {
  return flv.toBase64().replace(/.{1,120}/g, "$&\n");
}

if (import.meta.main) {
  const encoded = new FlvReader().read(await encodeThreeLoops());
  const flv = writeFlv(middleLoop(encoded.filter((event) => event.type === "tag")));
  await Deno.writeTextFile(new URL("./clip.flv.b64", import.meta.url), inLines(flv));
  console.log(`plugins/demo/clip.flv.b64: ${flv.length} bytes of FLV`);
}
