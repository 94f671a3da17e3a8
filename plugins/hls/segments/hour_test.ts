import { assertAlmostEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import { FragmentReader } from "../../../media/mp4/fragment_reader.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { readPackets, readUnits } from "../../../media/ts/testing.ts";
import { PCR_LEAD } from "../../../media/ts/timestamp.ts";
import { openSegmentMuxer } from "./segment_muxer.ts";
import { Segmenter } from "./segmenter.ts";

const SECONDS = 3600;
const PICTURE_TIME = 40_000;
const PICTURES_PER_KEY = 50;
const SAMPLE_RATE = 44_100;
const SOUND_TIME = 1024_000_000 / SAMPLE_RATE;

/** How far stamps are from the truth before they are rounded down to milliseconds, in microseconds. */
const JITTER = 3_000;

/** The most that sound and picture may be apart, in microseconds. */
const MAX_OFFSET = 20_000;

const PICTURE = Uint8Array.fromHex("0000000241aa");
const SOUND = Uint8Array.fromHex("21aabb");
const CONFIGS: readonly MediaPacket[] = [
  {
    kind: "video",
    role: "config",
    codec: "avc",
    track: 0,
    dts: 0,
    pts: 0,
    data: Uint8Array.fromHex(
      "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
    ),
    body: SOUND,
  },
  {
    kind: "audio",
    role: "config",
    codec: "aac",
    track: 0,
    dts: 0,
    pts: 0,
    data: Uint8Array.fromHex("1210"),
    body: SOUND,
  },
];

/** Frames with the stamps of an encoder whose clock trembles; `drift` is by how much the sound card is slow. */
function* frames(drift: number): Generator<MediaPacket> {
  let random = 1;
  const stamp = (time: number): number => {
    random = Math.imul(random, 1_664_525) + 1_013_904_223 >>> 0;
    return Math.floor((JITTER + time + (random / 2 ** 32 - 0.5) * 2 * JITTER) / 1000) * 1000;
  };
  let pictures = 0;
  let sounds = 0;
  while (pictures * PICTURE_TIME < SECONDS * 1_000_000) {
    const pictureTime = pictures * PICTURE_TIME;
    const soundTime = sounds * SOUND_TIME * (1 + drift);
    if (pictureTime <= soundTime) {
      const role = pictures++ % PICTURES_PER_KEY === 0 ? "key" : "delta";
      const dts = stamp(pictureTime);
      yield { kind: "video", role, codec: "avc", track: 0, dts, pts: dts, data: PICTURE, body: PICTURE };
    } else {
      sounds++;
      const dts = stamp(soundTime);
      yield { kind: "audio", role: "frame", codec: "aac", track: 0, dts, pts: dts, data: SOUND, body: SOUND };
    }
  }
}

/** When a picture or sound of a segment is shown or heard, in microseconds. */
interface Shown {
  readonly kind: "video" | "audio";
  readonly time: number;
}

/** Reads the segments of a container, one after the other; gives the frames of each. */
type Reader = (segment: Uint8Array) => Shown[];

function readTs(segment: Uint8Array): Shown[] {
  const shown: Shown[] = [];
  for (const { pid, pts, payload } of readUnits(readPackets(segment))) {
    const time = pts * 100 / 9 - PCR_LEAD;
    if (pid === 0x100) shown.push({ kind: "video", time });
    else for (let i = 0; i < adtsFrames(payload); i++) shown.push({ kind: "audio", time: time + i * SOUND_TIME });
  }
  return shown;
}

function adtsFrames(payload: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < payload.length; count++) {
    assertStrictEquals(payload[at], 0xff);
    at += (payload[at + 3] & 3) << 11 | payload[at + 4] << 3 | payload[at + 5] >> 5;
  }
  return count;
}

function mp4Reader(): Reader {
  const reader = new FragmentReader();
  const scales = new Map<number, number>();
  return (segment) => {
    const shown: Shown[] = [];
    for (const event of reader.read(segment)) {
      if (event.type === "tracks") { for (const { id, timescale } of event.tracks) scales.set(id, timescale); }
      else {
        for (const { trackId, samples } of event.runs) {
          const kind = trackId === 1 ? "video" : "audio";
          for (const { time, offset } of samples) {
            shown.push({ kind, time: (time + offset) * 1_000_000 / scales.get(trackId)! });
          }
        }
      }
    }
    assertStrictEquals(reader.problem, undefined);
    return shown;
  };
}

/** Cuts an hour and reads it; gives how far each frame is from the truth. */
function deviations(container: "ts" | "fmp4", drift: number): { video: number[]; audio: number[] } {
  const found = { video: [] as number[], audio: [] as number[] };
  const truth = { video: PICTURE_TIME, audio: SOUND_TIME * (1 + drift) };
  const counts = { video: 0, audio: 0 };
  const read = container === "ts" ? readTs : mp4Reader();
  const segmenter = new Segmenter({ container, segment: 2_000_000, part: 200_000, openMuxer: openSegmentMuxer }, {
    start: ({ init }) => void (init && read(init)),
    part: () => {},
    end({ bytes }) {
      for (const { kind, time } of read(bytes)) found[kind].push(time - JITTER - truth[kind] * counts[kind]++);
    },
  });
  for (const config of CONFIGS) segmenter.write(config);
  for (const packet of frames(drift)) segmenter.write(packet);
  segmenter.finish();
  return found;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const CASES = [
  { what: "stamps that tremble", drift: 0 },
  { what: "a sound card that is slow by 100 ppm", drift: 0.0001 },
  { what: "a sound card that is fast by 100 ppm", drift: -0.0001 },
];

for (const container of ["ts", "fmp4"] as const) {
  for (const { what, drift } of CASES) {
    Deno.test(`after an hour with ${what}, sound and picture are together in ${container}`, () => {
      const { video, audio } = deviations(container, drift);
      assertStrictEquals(video.length, SECONDS * 25);
      assertAlmostEquals(audio.length, SECONDS * 1_000_000 / SOUND_TIME, 20);
      for (const [early, late] of [[video, audio], [audio, video]]) {
        assertLessOrEqual(Math.max(...extremes(early)) - Math.min(...extremes(late)), MAX_OFFSET);
      }
      assertLessOrEqual(Math.abs(mean(video.slice(-500)) - mean(audio.slice(-900))), MAX_OFFSET / 2);
    });
  }
}

/** The least and the greatest: there are too many for one call. */
function extremes(values: readonly number[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
