import { assert, assertAlmostEquals, assertEquals, assertGreater, assertStrictEquals } from "@std/assert";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";
import { createHash } from "node:crypto";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { encode, type EncodeOptions, framesOf, HEVC, LONG_GOP, SMALL, UNEVEN } from "./encoded.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf } from "./ffmpeg.ts";
import { complaints } from "./ffprobe.ts";
import { Fmp4Scene, type SeenFrame, seenFrames } from "./fmp4_scene.ts";
import { publishAll } from "./hls_scene.ts";
import { joined } from "./joined.ts";

/** The most that a frame's time may be from where it was sent, compared with all others, in seconds. */
const MAX_OFFSET = 0.02;

const CLIP: EncodeOptions = { seconds: 5, video: H264, audio: AAC, sampleRate: 44_100 };
const AV1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-g", "25"];
const VP9 = ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-g", "25"];

interface Case {
  readonly name: string;
  readonly clips: readonly EncodeOptions[];
  /** The first stamp, in milliseconds. */
  readonly start?: number;
  /** So much later, in microseconds, the sound begins. */
  readonly late?: number;
  /** How many init segments the merged segments have; by default one for each clip. */
  readonly inits?: number;
}

const CASES: readonly Case[] = [
  { name: "H.264 with B-frames and AAC", clips: [CLIP] },
  { name: "H.265 with B-frames and AAC", clips: [{ ...CLIP, video: HEVC }] },
  { name: "AV1 and Opus", clips: [{ seconds: 2, video: AV1, audio: ["-c:a", "libopus"] }] },
  { name: "VP9 and FLAC", clips: [{ seconds: 2, video: VP9, audio: ["-c:a", "flac"] }] },
  { name: "H.264 and AC-3", clips: [{ ...CLIP, seconds: 3, audio: ["-c:a", "ac3"] }] },
  { name: "H.264 and MP3", clips: [{ ...CLIP, seconds: 3, audio: ["-c:a", "libmp3lame"] }] },
  { name: "a key every thirty seconds", clips: [{ ...CLIP, seconds: 65, video: LONG_GOP }] },
  { name: "a frame rate that varies", clips: [{ ...CLIP, video: UNEVEN }] },
  { name: "pictures that change their size, and back", clips: [CLIP, { ...CLIP, video: SMALL }, CLIP] },
  { name: "sound that begins after two seconds", clips: [CLIP], late: 2_000_000, inits: 2 },
  { name: "stamps that pass the 24 bits of short headers", clips: [CLIP], start: 0xfffff0 },
  { name: "stamps that pass 32 bits", clips: [CLIP], start: 2 ** 32 - 2500 },
];

for (const { name, clips, start, late, inits = clips.length } of CASES) {
  Deno.test(`ffmpeg and mediabunny read all of a stream from fMP4 and from the complete MP4: ${name}`, async () => {
    const packets = delayed(joined(await Promise.all(clips.map(encode))), late);
    await using scene = await Fmp4Scene.open();
    await publishAll(scene.rtmp, packets, start);
    const full = await scene.complete();
    await assertPlays([full], packets, ["video", "audio"]);
    await assertMediabunny(full, packets);
    const [merged] = await scene.sources("merge");
    assertEquals(merged.inits.length, inits);
    await assertPlays(await scene.runs("merge", merged), packets, ["video", "audio"]);
    for (const source of await scene.sources("separate")) {
      await assertPlays(await scene.runs("separate", source), packets, [source.name as MediaKind]);
    }
  });
}

const PUBLISHED: readonly { name: string; video?: readonly string[]; audio?: readonly string[]; offset?: string }[] = [
  { name: "H.264 with B-frames and AAC", video: H264, audio: AAC },
  { name: "sound alone", audio: AAC },
  { name: "pictures alone", video: H264 },
  { name: "stamps near the end of 24 bits", video: H264, audio: AAC, offset: "16777.2" },
];

for (const { name, offset, ...clip } of PUBLISHED) {
  Deno.test(`what ffmpeg publishes is in the complete MP4 and the segments, packet for packet: ${name}`, async () => {
    await using scene = await Fmp4Scene.open({ segmentSeconds: 1 });
    const source = scene.at("source.flv");
    await makeClip(source, { seconds: 4, ...clip });
    const shift = offset === undefined ? [] : ["-output_ts_offset", offset];
    const { success, log } = await ffmpeg(["-i", source, "-c", "copy", ...shift, "-f", "flv", scene.rtmp]);
    assert(success, log);
    const sent = await packetsOf(["-i", source]);
    const full = await scene.complete();
    const [merged] = await scene.sources("merge");
    const [run, ...rest] = await scene.runs("merge", merged);
    assertEquals(rest, []);
    assertGreater(merged.segments.length, 2);
    const separate = await scene.sources("separate");
    const apart = await Promise.all(separate.map((source) => scene.runs("separate", source)));
    for (const path of [full, run]) await assertSame(path, sent);
    for (const [i, [path]] of apart.entries()) {
      const own = sent.filter(({ stream }) => stream === String(i));
      await assertSame(path, own.map((packet) => ({ ...packet, stream: "0" })));
    }
  });
}

/** The same packets in the same order, and nothing to complain of. */
async function assertSame(path: string, sent: readonly { stream: string; md5: string }[]): Promise<void> {
  await assertSound(path);
  const { frames } = await seenFrames(path);
  for (const index of new Set(sent.map(({ stream }) => stream))) {
    const of = (list: readonly { stream: string | number; md5: string }[]) =>
      list.filter(({ stream }) => String(stream) === index).map(({ md5 }) => md5);
    assertEquals(of(frames), of(sent), `stream ${index} of ${path}`);
  }
}

/** Nobody complains of the file, neither who reads it nor who decodes it. */
async function assertSound(path: string): Promise<void> {
  assertEquals(await complaints(path), "");
  assertEquals(await ffmpeg(["-xerror", "-i", path, "-map", "0", "-f", "null", "-"]), { success: true, log: "" });
}

/** Files that follow each other have, together, all frames of these kinds that were sent, at their times. */
async function assertPlays(
  paths: readonly string[],
  packets: readonly MediaPacket[],
  kinds: readonly MediaKind[],
): Promise<void> {
  const seen: Record<string, SeenFrame[]> = { video: [], audio: [] };
  for (const path of paths) {
    await assertSound(path);
    const { frames } = await seenFrames(path);
    const present = kinds.length === 1 ? kinds : await kindsOf(path);
    for (const frame of frames) seen[present[frame.stream]].push(frame);
  }
  const offsets: number[] = [];
  for (const kind of kinds) {
    const sent = framesOf(packets, kind);
    assertStrictEquals(seen[kind].length, sent.length, `number of ${kind} frames`);
    assertEquals(seen[kind].map(({ md5 }) => md5), sent.map(({ data }) => md5Of(data)));
    offsets.push(...sent.map(({ pts }, i) => seen[kind][i].pts - pts / 1e6));
  }
  for (const [i, offset] of offsets.entries()) assertAlmostEquals(offset, offsets[0], MAX_OFFSET, `frame ${i}`);
}

async function kindsOf(path: string): Promise<MediaKind[]> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  return (await input.getTracks()).map(({ type }) => type as MediaKind);
}

async function assertMediabunny(path: string, packets: readonly MediaPacket[]): Promise<void> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  for (const track of await input.getTracks()) {
    const sizes: number[] = [];
    for await (const { byteLength } of new EncodedPacketSink(track).packets()) sizes.push(byteLength);
    assertEquals(sizes, framesOf(packets, track.type as MediaKind).map(({ data }) => data.length));
  }
}

/** The same with the sound beginning later, and without its configuration before. */
function delayed(packets: readonly MediaPacket[], late = 0): MediaPacket[] {
  if (late === 0) return [...packets];
  const sound = packets.filter(({ kind, role }) => kind === "audio" && role === "frame");
  const start = sound[0].dts + late;
  const rest = packets.filter(({ kind, role, dts }) => kind !== "audio" || (role === "frame" && dts >= start));
  const config = packets.filter(({ kind, role }) => kind === "audio" && role === "config");
  const at = rest.findIndex(({ kind }) => kind === "audio");
  return [...rest.slice(0, at), ...config.map((packet) => ({ ...packet, dts: start, pts: start })), ...rest.slice(at)];
}

function md5Of(data: Uint8Array): string {
  return createHash("md5").update(data).digest("hex");
}
