import { assert, assertAlmostEquals, assertEquals, assertGreater, assertStrictEquals } from "@std/assert";
import { ALL_FORMATS, EncodedPacketSink, Input, UrlSource } from "mediabunny";
import { createHash } from "node:crypto";
import type { MediaPacket } from "../../media/packet.ts";
import { elementaryStream, written } from "./elementary_stream.ts";
import { encode, type EncodeOptions, framesOf, HEVC, LONG_GOP, SMALL, trackStates, UNEVEN } from "./encoded.ts";
import { AAC, ffmpeg, H264 } from "./ffmpeg.ts";
import { openScene, publishAll, publishLive } from "./hls_scene.ts";

/** The most that a frame's time may be from where it was sent, compared with all others, in seconds. */
const MAX_OFFSET = 0.02;

type Container = "ts" | "fmp4";

interface Case {
  readonly name: string;
  readonly containers: readonly Container[];
  readonly clips: readonly EncodeOptions[];
  /** The first stamp, in milliseconds. */
  readonly start?: number;
  readonly isEncrypted?: boolean;
  /** What ffmpeg itself is not right about. */
  readonly excuses?: Excuses;
}

interface Excuses {
  /** What it complains of without reason. */
  readonly complaint?: RegExp;
  /** How far frames may be from where they were sent, in seconds. */
  readonly offset?: number;
}

/** Of sound alone in transport streams ffmpeg gives the frames of the first PES packet one frame early, of its own HLS too. */
const FIRST_SOUNDS: Excuses = { offset: MAX_OFFSET + 0.024 };

/** ffmpeg reads init segments anew when a live playlist is, its own too, and behind the segments before. */
const INIT_AGAIN = /^.*Found duplicated MOOV Atom\. Skipped it\n( +Last message repeated \d+ times\n)?/gm;

const BOTH: readonly Container[] = ["ts", "fmp4"];
const CLIP: EncodeOptions = { seconds: 5, video: H264, audio: AAC, sampleRate: 44_100 };

const CASES: readonly Case[] = [
  { name: "H.264 with B-frames and AAC", containers: BOTH, clips: [CLIP] },
  { name: "sound alone", containers: BOTH, clips: [{ ...CLIP, video: undefined }], excuses: FIRST_SOUNDS },
  { name: "pictures alone", containers: BOTH, clips: [{ ...CLIP, audio: undefined }] },
  { name: "a key every thirty seconds", containers: BOTH, clips: [{ ...CLIP, seconds: 65, video: LONG_GOP }] },
  { name: "a frame rate that varies", containers: BOTH, clips: [{ ...CLIP, video: UNEVEN }] },
  { name: "stamps that pass the 24 bits of short headers", containers: ["ts"], clips: [CLIP], start: 0xfffff0 },
  { name: "stamps that pass 32 bits", containers: BOTH, clips: [CLIP], start: 2 ** 32 - 2500 },
  { name: "H.265 with B-frames and AAC", containers: ["fmp4"], clips: [{ ...CLIP, video: HEVC }] },
  { name: "MP3", containers: BOTH, clips: [{ ...CLIP, audio: ["-c:a", "libmp3lame"] }] },
  { name: "encrypted segments, a key for each", containers: BOTH, clips: [CLIP], isEncrypted: true },
  {
    name: "pictures that change their size",
    containers: BOTH,
    clips: [CLIP, { ...CLIP, video: SMALL }],
    excuses: { complaint: INIT_AGAIN },
  },
];

for (const { name, containers, clips, start, isEncrypted = false, excuses } of CASES) {
  for (const container of containers) {
    Deno.test(`ffmpeg plays all of a stream as HLS in ${container}: ${name}`, async () => {
      const packets = joined(await Promise.all(clips.map(encode)));
      await using scene = await openScene({
        settings: { container, windowSegments: 1000, encryption: { enabled: isEncrypted, segmentsPerKey: 1 } },
      });
      const admitted = scene.mirror.fetch("/hls/live/cam/media.m3u8?wait=60");
      await publishAll(scene.rtmp, packets, start);
      assertStrictEquals((await admitted).status, 200);
      await assertPlaysAll(scene.index, packets, container, excuses);
      assertEquals(scene.mirror.faults, []);
    });
  }
}

for (const container of BOTH) {
  Deno.test(`ffmpeg plays live HLS in ${container} to its end while another ffmpeg publishes`, async () => {
    const packets = await encode(CLIP);
    await using scene = await openScene({ settings: { container } });
    const publishing = publishLive(scene.rtmp, packets);
    assertStrictEquals((await scene.mirror.fetch("/hls/live/cam/index.m3u8?wait=60")).status, 200);
    const { frames, log } = await play(scene.index);
    await publishing;
    assertEquals(log.replace(INIT_AGAIN, ""), "");
    assertEquals(scene.mirror.faults, []);
    assertTimes(frames, fromFirstKey(packets), MAX_OFFSET);
    for (const [index, { kind }] of trackStates(packets).entries()) {
      const seen = frames.filter(({ stream }) => stream === index);
      assertStrictEquals(seen.length, framesOf(packets, kind).length, `number of ${kind} frames`);
    }
  });
}

for (const container of BOTH) {
  for (const isEncrypted of [false, true]) {
    Deno.test(`mediabunny reads ${isEncrypted ? "encrypted " : ""}HLS in ${container}`, async () => {
      const packets = await encode(CLIP);
      await using scene = await openScene({
        settings: { container, windowSegments: 1000, encryption: { enabled: isEncrypted } },
      });
      const admitted = scene.mirror.fetch("/hls/live/cam/media.m3u8?wait=60");
      await publishAll(scene.rtmp, packets);
      await admitted;
      const frames = await readByMediabunny(scene.index);
      for (const [index, { kind }] of trackStates(packets).entries()) {
        const seen = frames.filter(({ stream }) => stream === index);
        assertStrictEquals(seen.length, framesOf(packets, kind).length, `number of ${kind} frames`);
      }
      assertTimes(frames, packets, MAX_OFFSET);
    });
  }
}

/** The frames that another reader finds, in the order in which they are stored. */
async function readByMediabunny(address: string): Promise<SeenTime[]> {
  using input = new Input({ formats: ALL_FORMATS, source: new UrlSource(address) });
  const frames: SeenTime[] = [];
  for (const [stream, track] of (await input.getTracks()).entries()) {
    for await (const { timestamp } of new EncodedPacketSink(track).packets()) frames.push({ stream, pts: timestamp });
  }
  return frames;
}

for (const container of BOTH) {
  Deno.test(`ffmpeg plays from the disk what was recorded as HLS in ${container}`, async () => {
    const packets = await encode(CLIP);
    const dataDir = await Deno.makeTempDir();
    try {
      await record(dataDir, container, packets);
      await assertPlaysAll(`${dataDir}/hls/live/cam/record.m3u8`, packets, container);
      const complaints = await ffmpeg(["-xerror", "-i", `${dataDir}/hls/live/cam/record.m3u8`, "-f", "null", "-"]);
      assertEquals([complaints.success, complaints.log], [true, ""]);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

/** What is recorded is complete when the server has stopped. */
async function record(dataDir: string, container: Container, packets: readonly MediaPacket[]): Promise<void> {
  await using scene = await openScene({ settings: { container, record: true, minFreeMegabytes: 0 }, dataDir });
  await publishAll(scene.rtmp, packets);
}

/** The packets of clips one behind the other, each moved to the end of the one before. */
function joined(clips: readonly MediaPacket[][]): MediaPacket[] {
  let end = 0;
  return clips.flatMap((packets) => {
    const first = Math.min(...packets.filter(({ role }) => role !== "config").map(({ dts }) => dts));
    const moved = packets.map((packet) => at(packet, end - first));
    end = Math.max(...moved.map(({ dts }) => dts)) + 40_000;
    return moved;
  });
}

function at(packet: MediaPacket, shift: number): MediaPacket {
  return { ...packet, dts: packet.dts + shift, pts: packet.pts + shift };
}

/** ffmpeg reads every frame from the first key on, at its time and to the byte, and complains of nothing. */
async function assertPlaysAll(
  address: string,
  packets: readonly MediaPacket[],
  container: Container,
  { complaint = /^$/, offset = MAX_OFFSET }: Excuses = {},
): Promise<void> {
  const { frames, log } = await play(address);
  assertEquals(log.replace(complaint, ""), "");
  const expected = fromFirstKey(packets);
  for (const [index, { kind }] of trackStates(packets).entries()) {
    const seen = frames.filter(({ stream }) => stream === index);
    const sent = framesOf(expected, kind);
    assertGreater(sent.length, 0);
    assertStrictEquals(seen.length, sent.length, `number of ${kind} frames`);
    if (container === "fmp4") assertEquals(seen.map(({ md5 }) => md5), sent.map(({ data }) => md5Of(data)));
    else assertEquals(await elementaryStream(address, index, sent[0].codec), written(sent));
  }
  assertTimes(frames, expected, offset);
}

/** Sound and pictures are as far from each other as they were sent. */
function assertTimes(seen: readonly SeenTime[], sent: readonly MediaPacket[], tolerance: number): void {
  const offsets = trackStates(sent).map(({ kind }, index) => {
    const times = seen.filter(({ stream }) => stream === index);
    return framesOf(sent, kind).map(({ pts }, i) => times[i].pts - pts / 1e6);
  });
  for (const [kind, each] of offsets.entries()) {
    for (const [i, offset] of each.entries()) {
      assertAlmostEquals(offset, offsets[0][0], tolerance, `track ${kind}, frame ${i}`);
    }
  }
}

function fromFirstKey(packets: readonly MediaPacket[]): MediaPacket[] {
  const hasVideo = packets.some(({ kind }) => kind === "video");
  const first = packets.findIndex(({ role }) => role === (hasVideo ? "key" : "frame"));
  return packets.slice(first).filter(({ role }) => role !== "config");
}

interface SeenTime {
  readonly stream: number;
  /** In seconds. */
  readonly pts: number;
}

interface SeenFrame extends SeenTime {
  readonly md5: string;
}

/** Plays an address to its end without decoding. */
async function play(address: string): Promise<{ frames: SeenFrame[]; log: string }> {
  const path = await Deno.makeTempFile({ suffix: ".framemd5" });
  try {
    const { success, log } = await ffmpeg(["-i", address, "-c", "copy", "-copyts", "-f", "framemd5", "-y", path]);
    assert(success, log);
    return { frames: parseFrames(await Deno.readTextFile(path)), log };
  } finally {
    await Deno.remove(path);
  }
}

function parseFrames(text: string): SeenFrame[] {
  const bases = [...text.matchAll(/^#tb (\d+): (\d+)\/(\d+)$/gm)].map(([, , of, to]) => Number(of) / Number(to));
  return text.split("\n").filter((line) => /^\d/.test(line)).map((line) => {
    const [stream, , pts, , , md5] = line.split(",").map((field) => field.trim());
    return { stream: Number(stream), pts: Number(pts) * bases[Number(stream)], md5 };
  });
}

function md5Of(data: Uint8Array): string {
  return createHash("md5").update(data).digest("hex");
}
