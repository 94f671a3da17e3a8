import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { describeCodec } from "../../media/codec/describe.ts";
import { writeFragment } from "../../media/mp4/fragment.ts";
import { FragmentReader } from "../../media/mp4/fragment_reader.ts";
import { initSegment } from "../../media/mp4/init_segment.ts";
import { MovieIndex } from "../../media/mp4/movie_index.ts";
import { RunBuilder } from "../../media/mp4/run_builder.ts";
import { mp4Track } from "../../media/mp4/track.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { encode, type EncodeOptions, framesOf, HEVC, trackStates } from "./encoded.ts";
import { copiedBytes, ffmpeg, H264, packetsOf } from "./ffmpeg.ts";
import { complaints } from "./ffprobe.ts";

const AV1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-g", "25"];
const VP9 = ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-g", "25"];

/** mediabunny adds the optional fields to the codec strings of AV1 and VP9, and always calls HEVC `hev1`. */
const EXACT_STRINGS: ReadonlySet<string> = new Set(["avc", "aac", "mp3", "opus", "flac", "ac3", "eac3"]);

interface Case extends EncodeOptions {
  readonly name: string;
  /** What mediabunny calls the codecs. */
  readonly codecs: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "H.264 with B-frames and AAC", seconds: 3, video: H264, audio: ["-c:a", "aac"], codecs: ["avc", "aac"] },
  {
    name: "HEVC with B-frames and Opus",
    seconds: 2,
    video: HEVC,
    audio: ["-c:a", "libopus"],
    codecs: ["hevc", "opus"],
  },
  { name: "AV1 and FLAC", seconds: 1, video: AV1, audio: ["-c:a", "flac"], codecs: ["av1", "flac"] },
  { name: "VP9 and AC-3", seconds: 1, video: VP9, audio: ["-c:a", "ac3"], codecs: ["vp9", "ac3"] },
  { name: "pictures alone", seconds: 2, video: H264, codecs: ["avc"] },
  { name: "AAC alone", seconds: 2, audio: ["-c:a", "aac"], sampleRate: 44_100, codecs: ["aac"] },
  { name: "MP3", seconds: 2, audio: ["-c:a", "libmp3lame"], codecs: ["mp3"] },
  { name: "MP3 at 22,050 Hz", seconds: 2, audio: ["-c:a", "libmp3lame"], sampleRate: 22_050, codecs: ["mp3"] },
  { name: "E-AC-3 in 5.1", seconds: 2, audio: ["-c:a", "eac3", "-ac", "6"], codecs: ["eac3"] },
  { name: "Opus in 5.1", seconds: 2, audio: ["-c:a", "libopus", "-ac", "6"], codecs: ["opus"] },
];

for (const each of CASES) {
  Deno.test(`ffmpeg and mediabunny read from MP4 files what was written, without a complaint: ${each.name}`, async () => {
    const packets = await encode(each);
    const live = fragmented(packets);
    await withFile(fragmented(packets, presentationStart(packets)), (path) => assertFfmpeg(path, packets));
    await withFile(complete(live), (path) => assertFfmpeg(path, packets));
    await withFile(complete(torn(live)), (path) => assertFfmpeg(path, packets, { isTorn: true }));
    await withFile(live, (path) => assertMediabunny(path, packets, each.codecs));
    await withFile(complete(live), (path) => assertMediabunny(path, packets, each.codecs));
  });
}

/** A fragment for every 20 packets, all tracks in it. */
function fragmented(packets: readonly MediaPacket[], start?: number): Uint8Array {
  const tracks = trackStates(packets).map(({ kind, codec, config }, i) => {
    assert(kind !== "data");
    return mp4Track({ id: i + 1, kind, codec, config: config?.data, frame: framesOf(packets, kind)[0].data })!;
  });
  const builders = tracks.map((track) => new RunBuilder(track));
  const out = new ByteWriter().raw(initSegment(tracks, { start }));
  const frames = packets.filter(({ role }) => role !== "config");
  for (let at = 0, sequence = 1; at < frames.length; at += 20, sequence++) {
    for (const frame of frames.slice(at, at + 20)) {
      builders[tracks.findIndex(({ kind }) => kind === frame.kind)].add(frame);
    }
    const following = frames.slice(at + 20);
    const runs = tracks.map(({ kind }, i) => builders[i].take(following.find((frame) => frame.kind === kind)?.dts));
    writeFragment(out, { sequence, tracks: runs.filter((run) => run !== undefined) });
  }
  return out.view();
}

function complete(file: Uint8Array): Uint8Array {
  let index = new MovieIndex([]);
  for (const event of new FragmentReader().read(file)) {
    if (event.type === "tracks") index = new MovieIndex(event.tracks);
    else index.addRuns(event.runs);
  }
  const copies = Array.from(index.copies(), ({ position, length }) => file.subarray(position, position + length));
  return concat([index.head(), ...copies]);
}

/** The file without the end of its last fragment. */
function torn(file: Uint8Array): Uint8Array {
  return file.subarray(0, file.length - 10);
}

/** When the first picture or sound is presented, in microseconds. */
function presentationStart(packets: readonly MediaPacket[]): number {
  return Math.min(...packets.filter(({ role }) => role !== "config").map(({ pts }) => pts));
}

async function withFile(file: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  try {
    await Deno.writeFile(path, file);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** ffmpeg finds the same frames with the same times and bytes, of a torn file all but the last ones, and decodes them. */
async function assertFfmpeg(path: string, packets: readonly MediaPacket[], { isTorn = false } = {}): Promise<void> {
  assertEquals(await complaints(path), "");
  assertEquals(await ffmpeg(["-xerror", "-i", path, "-f", "null", "-"]), { success: true, log: "" });
  const seen = await packetsOf(["-i", path]);
  const start = presentationStart(packets);
  for (const [index, { kind, codec }] of trackStates(packets).entries()) {
    const sent = framesOf(packets, kind);
    const received = seen.filter(({ stream }) => stream === String(index));
    const timescale = kind === "video" ? 90_000 : clockRate(packets, codec);
    assert(received.length >= sent.length - (isTorn ? 20 : 0), `${received.length} of ${sent.length} ${kind} frames`);
    if (!isTorn) assertStrictEquals(received.length, sent.length, `number of ${kind} frames`);
    received.forEach(({ dts, pts }, i) => {
      assertAlmostEquals(pts, (sent[i].pts - start) * timescale / 1e6, 2, `${kind} pts ${i}`);
      if (kind === "video") assertAlmostEquals(dts, (sent[i].dts - start) * timescale / 1e6, 2, `dts ${i}`);
    });
    const expected = concat(sent.slice(0, received.length).map(({ data }) => data));
    assertEquals((await copiedBytes(path, index)).toHex(), expected.toHex());
  }
}

/** In Hz. */
function clockRate(packets: readonly MediaPacket[], codec: string): number {
  const config = packets.find((packet) => packet.codec === codec && packet.role === "config")?.data;
  const frame = framesOf(packets, "audio")[0].data;
  return mp4Track({ id: 1, kind: "audio", codec, config, frame })!.timescale;
}

async function assertMediabunny(
  path: string,
  packets: readonly MediaPacket[],
  codecs: readonly string[],
): Promise<void> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  const tracks = await input.getTracks();
  assertEquals<unknown>(tracks.map(({ codec }) => codec), codecs);
  const offsets: number[] = [];
  for (const [index, track] of tracks.entries()) {
    const { kind, codec, config } = trackStates(packets)[index];
    const { codecString } = describeCodec(codec, config?.data);
    if (EXACT_STRINGS.has(codec)) assertStrictEquals(await track.getCodecParameterString(), codecString);
    const sent = framesOf(packets, kind);
    const received: { timestamp: number; size: number }[] = [];
    for await (const { timestamp, byteLength } of new EncodedPacketSink(track).packets()) {
      received.push({ timestamp, size: byteLength });
    }
    assertEquals(received.map(({ size }) => size), sent.map(({ data }) => data.length));
    received.forEach(({ timestamp }, i) => {
      assertAlmostEquals(timestamp - received[0].timestamp, (sent[i].pts - sent[0].pts) / 1e6, 1e-3);
    });
    offsets.push(received[0].timestamp - sent[0].pts / 1e6);
  }
  for (const offset of offsets) {
    assertAlmostEquals(offset, offsets[0], 1e-4, "sound and picture as far apart as they were");
  }
}
