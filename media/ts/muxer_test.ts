import { assert, assertEquals, assertGreater, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { TrackState } from "../format.ts";
import type { Codec, MediaKind, MediaPacket, PacketRole } from "../packet.ts";
import { bytes } from "../testing.ts";
import { MAX_TS_TRACKS, TsMuxer, type TsMuxerOptions } from "./muxer.ts";
import { readMaps, readPackets, readUnits, type SeenUnit } from "./testing.ts";

const NOTHING = new Uint8Array(0);
const AVC_CONFIG = packet("video", "config", "avc", 0, {
  data: bytes("0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20"),
});
const AAC_CONFIG = packet("audio", "config", "aac", 0, { data: bytes("1190") });
const KEY = bytes("00000002 65aa");
const DELTA = bytes("00000002 41bb");
const SOUND = bytes("21aabb");
const AAC_FRAME_TIME = 1_024_000_000 / 48_000;

/** What the muxer adds to every timestamp. */
const LEAD = 45_000;

function packet(
  kind: MediaKind,
  role: PacketRole,
  codec: Codec,
  dts: number,
  more: Partial<MediaPacket> = {},
): MediaPacket {
  return { kind, role, codec, track: 0, dts, pts: dts, data: NOTHING, body: NOTHING, ...more };
}

function key(dts: number, pts = dts): MediaPacket {
  return packet("video", "key", "avc", dts, { pts, data: KEY });
}

function delta(dts: number, pts = dts): MediaPacket {
  return packet("video", "delta", "avc", dts, { pts, data: DELTA });
}

function sound(dts: number, data = SOUND): MediaPacket {
  return packet("audio", "frame", "aac", dts, { data });
}

function state({ kind, track, codec, ...rest }: MediaPacket): TrackState {
  const config = rest.role === "config" ? { kind, track, codec, ...rest } : undefined;
  return { kind, track, codec, config };
}

/** One segment with all the packets. */
function muxed(packets: readonly MediaPacket[], options?: TsMuxerOptions): Uint8Array {
  const muxer = new TsMuxer(options);
  const out = new ByteWriter();
  muxer.beginSegment(out);
  for (const each of packets) muxer.write(each, out);
  muxer.flush(out);
  return out.view();
}

function units(packets: readonly MediaPacket[], options?: TsMuxerOptions): SeenUnit[] {
  return readUnits(readPackets(muxed(packets, options)));
}

/** PCRs in microseconds, in the order they come. */
function clocks(stream: Uint8Array): number[] {
  return readPackets(stream).flatMap(({ pcr }) => pcr === undefined ? [] : [pcr / 27]);
}

Deno.test("a transport stream begins with its tables, then the key picture behind its parameter sets", () => {
  const stream = muxed([key(0)], { tracks: [state(AVC_CONFIG)] });
  const packets = readPackets(stream);
  assertEquals(packets.map(({ pid }) => pid), [0, 0x1000, 0x100]);
  assertEquals(stream.slice(2 * 188, 2 * 188 + 12), bytes("47410030 72 50 000000007e00"));
  const [{ streamId, pts, dts, isRandomAccess, payload }] = readUnits(packets);
  assertEquals({ streamId, pts, dts, isRandomAccess }, { streamId: 0xe0, pts: LEAD, dts: LEAD, isRandomAccess: true });
  assertEquals(payload.slice(0, 11), bytes("00000001 09f0 00000001 67"));
  assertEquals(payload.slice(-6), bytes("00000001 65aa"));
});

Deno.test("a transport stream keeps the times of decoding and showing", () => {
  const seen = units([AVC_CONFIG, key(0, 80_000), delta(40_000, 200_000), delta(80_000, 120_000)]);
  assertEquals(seen.map(({ dts, pts }) => [dts - LEAD, pts - LEAD]), [[0, 7200], [3600, 18_000], [7200, 10_800]]);
});

Deno.test("a transport stream never shows a picture before it is decoded", () => {
  const seen = units([AVC_CONFIG, key(0), delta(40_000, 120_000), delta(80_000, 40_000), delta(120_000, 80_000)]);
  assertEquals(seen.map(({ dts, pts }) => [dts - LEAD, pts - LEAD]), [[0, 0], [3600, 10_800], [3601, 3601], [
    7200,
    7200,
  ]]);
});

Deno.test("timestamps go on through the 33-bit wrap", () => {
  const wrap = 2 ** 33 * 100 / 9;
  const stream = muxed([
    AVC_CONFIG,
    key(wrap - 540_000),
    delta(wrap - 500_000),
    delta(wrap - 20_000),
    delta(wrap + 20_000),
  ]);
  const seen = readUnits(readPackets(stream));
  assertEquals(seen.map(({ pts }) => pts), [2 ** 33 - 3600, 0, 43_200, 46_800]);
  assertEquals(clocks(stream).map((pcr) => Math.round(pcr)).slice(-2), [Math.round(wrap) - 20_000, 20_000]);
});

Deno.test("audio frames share a PES packet with the time of the first", () => {
  const sounds = Array.from({ length: 10 }, (_, i) => sound(Math.round(i * AAC_FRAME_TIME)));
  const seen = units([AAC_CONFIG, ...sounds]);
  assertEquals(seen.map(({ pts }) => pts - LEAD), [0, 7680, 15_360]);
  assertEquals(seen.map(({ payload }) => payload.length), [40, 40, 20]);
  assertEquals(seen[0].payload.slice(0, 10), bytes("fff14c80015ffc 21aabb"));
  assert(seen.every(({ streamId, pid }) => streamId === 0xc0 && pid === 0x200));
});

Deno.test("audio frames have PES packets of their own when gathering is switched off", () => {
  const sounds = Array.from({ length: 3 }, (_, i) => sound(Math.round(i * AAC_FRAME_TIME)));
  assertEquals(units([AAC_CONFIG, ...sounds], { gather: 0 }).map(({ pts }) => pts - LEAD), [0, 1920, 3840]);
});

Deno.test("audio frames after a gap, and large ones, begin a PES packet", () => {
  const [gap] = [100_000];
  assertEquals(units([AAC_CONFIG, sound(0), sound(gap), sound(gap + 21_333)]).map(({ payload }) => payload.length), [
    10,
    20,
  ]);
  const large = new Uint8Array(1500);
  assertEquals(units([AAC_CONFIG, sound(0, large), sound(21_333, large)]).length, 2);
});

Deno.test("audio frames in whole milliseconds are still neighbours", () => {
  const sounds = Array.from({ length: 8 }, (_, i) => sound(Math.floor(i * AAC_FRAME_TIME / 1000) * 1000));
  assertStrictEquals(units([AAC_CONFIG, ...sounds]).length, 2);
});

Deno.test("audio that waits is written before pictures that are much later", () => {
  const seen = units([AVC_CONFIG, AAC_CONFIG, key(0), sound(0), delta(40_000), delta(99_999), delta(100_000)]);
  assertEquals(seen.map(({ pid }) => pid), [0x100, 0x100, 0x100, 0x200, 0x100]);
});

Deno.test("a frame with a new audio configuration does not change those before it", () => {
  const mono = packet("audio", "config", "aac", 0, { data: bytes("1188") });
  const seen = units([AAC_CONFIG, sound(0), mono, sound(21_333)]);
  assertEquals(seen.map(({ payload }) => payload[3] >> 6), [2, 1]);
});

Deno.test("the clock stands on the video track and never rests for more than 100 ms", () => {
  const stream = muxed([AVC_CONFIG, AAC_CONFIG, key(0), delta(330_000), delta(1_000_000)]);
  assertStrictEquals(readMaps(readPackets(stream))[0].pcrPid, 0x100);
  assertEquals(clocks(stream), [0, 1e5, 2e5, 3e5, 3.3e5, 4.3e5, 5.3e5, 6.3e5, 7.3e5, 8.3e5, 9.3e5, 1e6]);
});

Deno.test("the clock stands on the audio track when there is no video", () => {
  const packets = readPackets(muxed([AAC_CONFIG, sound(0), sound(1_000_000)], { tracks: [state(AAC_CONFIG)] }));
  assertStrictEquals(readMaps(packets)[0].pcrPid, 0x200);
  assertStrictEquals(packets.filter(({ pcr }) => pcr !== undefined).length, 11);
});

Deno.test("the clock jumps over a pause that is longer than ten seconds", () => {
  assertEquals(
    clocks(muxed([AVC_CONFIG, key(0), key(10_000_001)])),
    [0, 10_000_001]
      .map((time) => Math.round(time * 9 / 100) * 100 / 9),
  );
});

Deno.test("a segment begins with the tables and a clock, and continues the counters", () => {
  const muxer = new TsMuxer({ tracks: [state(AVC_CONFIG), state(AAC_CONFIG)] });
  const segments = [new ByteWriter(), new ByteWriter()];
  muxer.beginSegment(segments[0]);
  muxer.write(key(0), segments[0]);
  muxer.write(sound(0), segments[0]);
  muxer.flush(segments[0]);
  muxer.beginSegment(segments[1]);
  muxer.write(sound(21_333), segments[1]);
  muxer.write(key(40_000), segments[1]);
  muxer.flush(segments[1]);
  const second = readPackets(segments[1].view());
  assertEquals(second.map(({ pid }) => pid), [0, 0x1000, 0x100, 0x100, 0x200]);
  assertEquals(second.map(({ pcr }) => pcr !== undefined), [false, false, true, true, false]);
  const both = readPackets(new ByteWriter().raw(segments[0].view()).raw(segments[1].view()).view());
  assertEquals(readMaps(both).map(({ version }) => version), [0, 0]);
});

Deno.test("the program map has a new version when a track appears, and the same one when nothing changes", () => {
  const stream = muxed([AVC_CONFIG, key(0), delta(40_000), AAC_CONFIG, AVC_CONFIG, key(80_000), sound(80_000)]);
  const maps = readMaps(readPackets(stream));
  assertEquals(maps.map(({ version, pcrPid }) => [version, pcrPid]), [[0, 0x100], [1, 0x100]]);
  assertEquals(maps.map(({ streams }) => streams.map(({ streamType }) => streamType)), [[0x1b], [0x1b, 0x0f]]);
});

Deno.test("the program map has a new version when a track changes its codec", () => {
  const mp3 = packet("audio", "frame", "mp3", 100_000, { data: bytes("fffb9064") });
  const stream = muxed([AAC_CONFIG, sound(0), mp3]);
  assertEquals(readMaps(readPackets(stream)).map(({ streams }) => streams[0].streamType), [0x0f, 0x03]);
  assertEquals(readUnits(readPackets(stream)).map(({ payload }) => payload.length), [10, 4]);
});

Deno.test("a segment may begin with other tracks", () => {
  const muxer = new TsMuxer({ tracks: [state(AVC_CONFIG), state(AAC_CONFIG)] });
  const out = new ByteWriter();
  muxer.beginSegment(out);
  muxer.write(key(0), out);
  muxer.write(sound(0), out);
  muxer.beginSegment(out, [state(AAC_CONFIG)]);
  muxer.write(sound(21_333), out);
  muxer.flush(out);
  const packets = readPackets(out.view());
  assertEquals(readMaps(packets).map(({ version, streams }) => [version, streams.map(({ pid }) => pid)]), [
    [0, [0x100, 0x200]],
    [1, [0x200]],
  ]);
  assertStrictEquals(readUnits(packets).length, 3);
});

Deno.test("versions of the program map are counted modulo 32", () => {
  const muxer = new TsMuxer();
  const out = new ByteWriter();
  for (let i = 0; i < 33; i++) muxer.beginSegment(out, i % 2 ? [] : [state(AAC_CONFIG)]);
  assertEquals(readMaps(readPackets(out.view())).map(({ version }) => version).slice(30), [30, 31, 0]);
});

Deno.test("what a transport stream does not carry is left out", () => {
  const left = [
    packet("data", "metadata", "script", 0),
    packet("video", "key", "av1", 0),
    packet("video", "metadata", "avc", 0),
    packet("video", "end", "avc", 0),
    packet("audio", "frame", "flac", 0),
    key(0),
    sound(0),
  ];
  assertStrictEquals(muxed(left).length, 0);
});

Deno.test("more tracks than the program map has room for are left out", () => {
  const frames = Array.from(
    { length: 100 },
    (_, track) => packet("audio", "frame", "opus", 0, { track, data: bytes("fc") }),
  );
  const maps = readMaps(readPackets(muxed(frames)));
  assertStrictEquals(maps.at(-1)!.streams.length, MAX_TS_TRACKS);
});

Deno.test("a damaged frame is refused and the stream goes on", () => {
  const muxer = new TsMuxer({ tracks: [state(AVC_CONFIG)] });
  const out = new ByteWriter();
  muxer.beginSegment(out);
  muxer.write(key(0), out);
  const broken = packet("video", "delta", "avc", 40_000, { data: bytes("000000ff 41") });
  assertThrows(() => muxer.write(broken, out), FormatError, "NAL unit of 255 bytes");
  assertThrows(() => muxer.write({ ...AVC_CONFIG, data: bytes("01") }, out), FormatError);
  const huge = packet("audio", "frame", "opus", 0, { data: new Uint8Array(70_000) });
  assertThrows(() => muxer.write(huge, out), FormatError, "70000 bytes does not fit");
  muxer.write(delta(80_000), out);
  assertStrictEquals(readUnits(readPackets(out.view())).length, 2);
});

Deno.test("a known track with a damaged configuration is announced when a better one comes", () => {
  const broken = { ...AAC_CONFIG, data: bytes("16") };
  const maps = readMaps(readPackets(muxed([sound(0), AAC_CONFIG, sound(21_333)], { tracks: [state(broken)] })));
  assertEquals(maps.map(({ streams }) => streams.length), [1]);
});

interface Step {
  readonly audio: boolean;
  readonly wait: number;
  readonly offset: number;
  readonly size: number;
  readonly segment: boolean;
}

const STEPS = fc.array(
  fc.record<Step>({
    audio: fc.boolean(),
    wait: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 3_000_000 })),
    offset: fc.integer({ min: -50_000, max: 100_000 }),
    size: fc.integer({ min: 1, max: 3_000 }),
    segment: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** A packet of the step's size, with content that tells it from others. */
function made({ audio, offset, size }: Step, dts: number, number: number): MediaPacket {
  if (audio) return sound(dts, new Uint8Array(size).fill(number));
  const data = new Uint8Array(4 + size).fill(number & 0x3f);
  new DataView(data.buffer).setUint32(0, size);
  data[4] = 0x41;
  return packet("video", "delta", "avc", dts, { pts: dts + offset, data });
}

Deno.test("any stream comes back whole, in order, with counters, clock and times in order", () => {
  fc.assert(fc.property(STEPS, fc.integer({ min: 0, max: 2 ** 34 }), (steps, start) => {
    const muxer = new TsMuxer({ tracks: [state(AVC_CONFIG), state(AAC_CONFIG)] });
    const out = new ByteWriter();
    muxer.beginSegment(out);
    const sent: MediaPacket[] = [];
    let dts = start;
    for (const [i, step] of steps.entries()) {
      if (step.segment) {
        muxer.flush(out);
        muxer.beginSegment(out);
      }
      sent.push(made(step, dts += step.wait, i));
      muxer.write(sent.at(-1)!, out);
    }
    muxer.flush(out);
    const packets = readPackets(out.view());
    const seen = readUnits(packets);
    assertSameContent(seen, sent);
    assertClock(out.view());
    assertTimes(seen, sent);
  }));
});

function assertSameContent(seen: readonly SeenUnit[], sent: readonly MediaPacket[]): void {
  const pictures = seen.filter(({ pid }) => pid === 0x100).map(({ payload }) => payload.slice(10));
  assertEquals(pictures, sent.filter(({ kind }) => kind === "video").map(({ data }) => data.slice(4)));
  const sounds = seen.filter(({ pid }) => pid === 0x200).flatMap(({ payload }) => adtsFrames(payload));
  assertEquals(sounds, sent.filter(({ kind }) => kind === "audio").map(({ data }) => data));
}

function adtsFrames(payload: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < payload.length;) {
    const length = (payload[at + 3] & 3) << 11 | payload[at + 4] << 3 | payload[at + 5] >> 5;
    frames.push(payload.slice(at + 7, at + length));
    at += length;
  }
  return frames;
}

function assertClock(stream: Uint8Array): void {
  const pcrs = clocks(stream);
  pcrs.slice(1).forEach((pcr, i) => {
    const step = (pcr - pcrs[i] + 2 ** 33 * 100 / 9) % (2 ** 33 * 100 / 9);
    assertLess(step, 100_012, "PCR interval");
  });
}

function assertTimes(seen: readonly SeenUnit[], sent: readonly MediaPacket[]): void {
  const pictures = seen.filter(({ pid }) => pid === 0x100);
  const sentPictures = sent.filter(({ kind }) => kind === "video");
  pictures.forEach(({ pts, dts }, i) => {
    const wrapped = (ticks: number) => (ticks + 2 ** 33) % 2 ** 33;
    assertLess(wrapped(pts - dts), 2 ** 32, "shown after it is decoded");
    if (i > 0) assertGreater(wrapped(dts - pictures[i - 1].dts), 0, "decoding times rise");
    const expected = Math.round(sentPictures[i].pts * 9 / 100) + LEAD;
    const late = wrapped(pts - expected);
    assertLess(late, 90 * 150 + 1, "shown when it was to be, but for what it was early");
  });
}
