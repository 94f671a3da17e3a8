import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from "mediabunny";
import { ByteWriter } from "../../media/bytes.ts";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { TsMuxer } from "../../media/ts/muxer.ts";
import { PCR_LEAD } from "../../media/ts/timestamp.ts";
import { elementaryStream, written } from "./elementary_stream.ts";
import { encode, type EncodeOptions, framesOf, HEVC, trackStates } from "./encoded.ts";
import { ffmpeg, H264, packetsOf } from "./ffmpeg.ts";
import { complaints } from "./ffprobe.ts";

const WRAP_SECONDS = 2 ** 33 / 90_000;

interface Case extends EncodeOptions {
  readonly name: string;
  /** Moves all times, in microseconds. */
  readonly shift?: number;
  /** What mediabunny calls the codecs; undefined for what it does not read in transport streams. */
  readonly codecs?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "H.264 with B-frames and AAC", seconds: 3, video: H264, audio: ["-c:a", "aac"], codecs: ["avc", "aac"] },
  { name: "HEVC with B-frames and AAC", seconds: 2, video: HEVC, audio: ["-c:a", "aac"], codecs: ["hevc", "aac"] },
  { name: "pictures alone", seconds: 2, video: H264, codecs: ["avc"] },
  { name: "AAC alone", seconds: 2, audio: ["-c:a", "aac"], sampleRate: 44_100, codecs: ["aac"] },
  {
    name: "AAC that lists its channels itself",
    seconds: 2,
    audio: ["-c:a", "aac", "-af", "aformat=channel_layouts=5.1(side)"],
  },
  { name: "MP3", seconds: 2, video: H264, audio: ["-c:a", "libmp3lame"], codecs: ["avc", "mp3"] },
  { name: "MP3 at 22,050 Hz", seconds: 2, audio: ["-c:a", "libmp3lame"], sampleRate: 22_050, codecs: ["mp3"] },
  { name: "Opus", seconds: 2, video: H264, audio: ["-c:a", "libopus"] },
  { name: "Opus in 5.1", seconds: 2, video: H264, audio: ["-c:a", "libopus", "-ac", "6"] },
  { name: "AC-3", seconds: 2, video: H264, audio: ["-c:a", "ac3"], codecs: ["avc", "ac3"] },
  { name: "E-AC-3 in 5.1", seconds: 2, video: H264, audio: ["-c:a", "eac3", "-ac", "6"], codecs: ["avc", "eac3"] },
  {
    name: "times that pass the 33-bit wrap",
    seconds: 3,
    video: H264,
    audio: ["-c:a", "aac"],
    shift: Math.floor((WRAP_SECONDS - 3) * 1_000_000),
  },
];

for (const each of CASES) {
  const readers = each.codecs ? "ffmpeg and mediabunny read" : "ffmpeg reads";
  Deno.test(`${readers} from a transport stream what was written, without a complaint: ${each.name}`, async () => {
    const { packets, path } = await mux(each);
    try {
      assertEquals(await complaints(path), "");
      await assertSame(path, packets);
      const { success, log } = await ffmpeg(["-xerror", "-i", path, "-f", "null", "-"]);
      assert(success, log);
      assertEquals(log.replace(/^Guessed Channel Layout .*\n/, ""), "");
      if (each.codecs) await assertMediabunny(path, packets, each.codecs);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("ffmpeg reads segments of a transport stream one behind the other without a break", async () => {
  const packets = await encode({ seconds: 4, video: H264, audio: ["-c:a", "aac"] });
  const muxer = new TsMuxer({ tracks: trackStates(packets) });
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const segments: ByteWriter[] = [];
    for (const packet of packets) {
      if (segments.length === 0 || packet.role === "key") {
        if (segments.length > 0) muxer.flush(segments.at(-1)!);
        segments.push(new ByteWriter());
        muxer.beginSegment(segments.at(-1)!);
      }
      muxer.write(packet, segments.at(-1)!);
    }
    muxer.flush(segments.at(-1)!);
    assertStrictEquals(segments.length, 5);
    for (const segment of segments) await Deno.writeFile(path, segment.view(), { append: true });
    assertEquals(await complaints(path), "");
    await assertSame(path, packets);
  } finally {
    await Deno.remove(path);
  }
});

async function mux({ shift = 0, ...options }: Case) {
  const packets = (await encode(options)).map((packet) => shifted(packet, shift));
  const out = new ByteWriter();
  const muxer = new TsMuxer({ tracks: trackStates(packets) });
  muxer.beginSegment(out);
  for (const packet of packets) muxer.write(packet, out);
  muxer.flush(out);
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeFile(path, out.view());
  return { packets, path };
}

function shifted(packet: MediaPacket, by: number): MediaPacket {
  return { ...packet, dts: packet.dts + by, pts: packet.pts + by };
}

/** ffmpeg finds the same frames with the same times and bytes. */
async function assertSame(path: string, packets: readonly MediaPacket[]): Promise<void> {
  const seen = await packetsOf(["-i", path]);
  const base = modulo(seen[0].pts - ticks(packets.find(({ role }) => role !== "config")!.pts));
  for (const [index, { kind }] of trackStates(packets).entries()) {
    const sent = framesOf(packets, kind);
    const received = seen.filter(({ stream }) => stream === String(index));
    assertStrictEquals(received.length, sent.length, `number of ${kind} frames`);
    received.forEach(({ dts, pts }, i) => {
      assertAlmostEquals(modulo(pts - ticks(sent[i].pts) - base + 1000), 1000, 90, `${kind} pts ${i}`);
      if (kind === "video") assertAlmostEquals(modulo(dts - ticks(sent[i].dts) - base + 1000), 1000, 1, `dts ${i}`);
    });
    assertEquals(await elementaryStream(path, index, sent[0].codec), written(sent));
  }
}

/** mediabunny finds the same number of frames of each track, at the same times. */
async function assertMediabunny(
  path: string,
  packets: readonly MediaPacket[],
  codecs: readonly string[],
): Promise<void> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  const tracks = await input.getTracks();
  assertEquals<unknown>(tracks.map(({ codec }) => codec), codecs);
  for (const track of tracks) {
    const sent = framesOf(packets, track.type as MediaKind);
    const times: number[] = [];
    for await (const { timestamp } of new EncodedPacketSink(track).packets()) times.push(timestamp);
    assertStrictEquals(times.length, sent.length);
    assertAlmostEquals(times[0], (sent[0].pts + PCR_LEAD) / 1e6, 0.001);
    assertAlmostEquals(times.at(-1)!, (sent.at(-1)!.pts + PCR_LEAD) / 1e6, 0.001);
  }
}

function ticks(time: number): number {
  return Math.round(time * 9 / 100);
}

function modulo(ticks: number): number {
  return (ticks % 2 ** 33 + 2 ** 33) % 2 ** 33;
}
