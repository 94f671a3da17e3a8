import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import type { Codec, MediaPacket } from "../../media/packet.ts";
import { bytes } from "../../media/testing.ts";
import { StreamFacts } from "./stream_facts.ts";
import { MAX_KEPT_BYTES, type TrackJson } from "./track_facts.ts";

/** 640×360, 25 pictures a second, as x264 writes it. */
const AVC_CONFIG = bytes(
  "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20",
);

/** AAC-LC, 44.1 kHz, stereo. */
const AAC_CONFIG = bytes("1210");

function packet(fields: Partial<MediaPacket>): MediaPacket {
  const data = fields.data ?? new Uint8Array(98);
  const body = fields.body ?? new Uint8Array([0, 0, ...data]);
  return { kind: "video", role: "delta", codec: "avc", track: 0, dts: 0, pts: 0, ...fields, data, body };
}

const video = (fields: Partial<MediaPacket> = {}) => packet(fields);
const audio = (fields: Partial<MediaPacket> = {}) => packet({ kind: "audio", role: "frame", codec: "aac", ...fields });
const script = (fields: Partial<MediaPacket> = {}) =>
  packet({ kind: "data", role: "metadata", codec: "script", ...fields });

function observed(...packets: MediaPacket[]): StreamFacts {
  const facts = new StreamFacts();
  for (const packet of packets) facts.observe(packet, 0);
  return facts;
}

const TRACKS: { name: string; packets: MediaPacket[]; track: Partial<TrackJson>; absent?: (keyof TrackJson)[] }[] = [
  {
    name: "AVC with its configuration",
    packets: [video({ role: "config", data: AVC_CONFIG })],
    track: { kind: "video", track: 0, codec: "avc", codecString: "avc1.42c01e", level: 3, width: 640, height: 360 },
    absent: ["sampleRate", "frameRate", "gopSeconds"],
  },
  {
    name: "AAC with its configuration",
    packets: [audio({ role: "config", data: AAC_CONFIG })],
    track: { kind: "audio", codec: "aac", codecString: "mp4a.40.2", sampleRate: 44_100, channels: 2 },
    absent: ["width", "frameRate"],
  },
  {
    name: "a configuration that nobody can read",
    packets: [video({ role: "config", data: bytes("01ff") })],
    track: { codec: "avc", packets: 1, bytes: 4 },
    absent: ["codecString", "width", "height"],
  },
  {
    name: "a codec that nobody knows",
    packets: [video({ role: "key", codec: "video-4" })],
    track: { kind: "video", codec: "video-4" },
    absent: ["codecString"],
  },
  {
    name: "a codec without configuration",
    packets: [audio({ codec: "mp3" })],
    track: { codec: "mp3", codecString: "mp3" },
  },
  {
    name: "a configuration of another codec than the frames means nothing",
    packets: [video({ role: "config", data: AVC_CONFIG }), video({ role: "key", codec: "hevc" })],
    track: { codec: "hevc" },
    absent: ["codecString", "width"],
  },
  {
    name: "metadata of a track does not name its codec",
    packets: [video({ role: "config", data: AVC_CONFIG }), video({ role: "metadata", codec: "video" })],
    track: { codec: "avc", width: 640 },
  },
  {
    name: "pictures and keys",
    packets: [0, 40, 80, 120, 160].map((ms) => video({ role: ms % 80 ? "delta" : "key", dts: ms * 1000 })),
    track: { packets: 5, bytes: 500, frameRate: 25, gopSeconds: 0.08 },
  },
  { name: "a second track", packets: [audio({ track: 3 })], track: { kind: "audio", track: 3 }, absent: ["frameRate"] },
];

for (const { name, packets, track, absent = [] } of TRACKS) {
  Deno.test(`stream facts: ${name}`, () => {
    const [found] = observed(...packets).toJSON().tracks;
    const picked = Object.fromEntries(Object.keys(track).map((key) => [key, found[key as keyof TrackJson]]));
    assertEquals(picked, track);
    for (const key of absent) assertEquals(found[key], undefined, key);
  });
}

const KINDS: { name: string; packets: MediaPacket[]; hasVideo: boolean; hasAudio: boolean }[] = [
  { name: "nothing", packets: [], hasVideo: false, hasAudio: false },
  { name: "script data", packets: [script()], hasVideo: false, hasAudio: false },
  { name: "a video configuration", packets: [video({ role: "config" })], hasVideo: true, hasAudio: false },
  { name: "a video frame", packets: [video()], hasVideo: true, hasAudio: false },
  { name: "video metadata alone", packets: [video({ role: "metadata" })], hasVideo: false, hasAudio: false },
  { name: "the end of video alone", packets: [video({ role: "end" })], hasVideo: false, hasAudio: false },
  { name: "audio", packets: [audio()], hasVideo: false, hasAudio: true },
  { name: "both", packets: [audio({ role: "config" }), video({ role: "key" })], hasVideo: true, hasAudio: true },
];

for (const { name, packets, hasVideo, hasAudio } of KINDS) {
  Deno.test(`stream facts: kinds of tracks after ${name}`, () => {
    const facts = observed(...packets);
    assertEquals({ hasVideo: facts.hasVideo, hasAudio: facts.hasAudio }, { hasVideo, hasAudio });
  });
}

Deno.test("stream facts: each track keeps its newest configuration and metadata", () => {
  const [first, second] = [AVC_CONFIG, bytes("01ff")].map((data) => video({ role: "config", data }));
  const colours = video({ role: "metadata" });
  const other = video({ role: "config", track: 1 });
  const script1 = script();
  const text = script({ role: "frame" });
  const { tracks } = observed(first, script1, colours, second, other, text);
  assertEquals(tracks.map(({ kind, track }) => `${kind} ${track}`), ["video 0", "data 0", "video 1"]);
  assertStrictEquals(tracks[0].config, second);
  assertStrictEquals(tracks[0].metadata, colours);
  assertStrictEquals(tracks[1].metadata, script1);
  assertEquals(tracks[1].config, undefined);
  assertStrictEquals(tracks[2].config, other);
});

Deno.test("stream facts: too large a configuration or metadata is not kept, and what it replaces is not either", () => {
  const [small, large] = [new Uint8Array(MAX_KEPT_BYTES), new Uint8Array(MAX_KEPT_BYTES + 1)];
  for (const role of ["config", "metadata"] as const) {
    assertEquals(observed(video({ role, body: small })).tracks[0][role]?.body, small);
    assertStrictEquals(observed(video({ role, body: small }), video({ role, body: large })).tracks[0][role], undefined);
  }
});

Deno.test("stream facts: a configuration or metadata is news unless its track already has it", () => {
  const config = video({ role: "config", data: AVC_CONFIG });
  const facts = new StreamFacts();
  assert(facts.isNews(config));
  facts.observe(config, 0);
  assert(!facts.isNews({ ...config, dts: 40_000, body: config.body.slice() }));
  assert(facts.isNews({ ...config, body: config.body.with(5, 1) }));
  assert(facts.isNews({ ...config, body: config.body.subarray(1) }));
  assert(facts.isNews({ ...config, track: 1 }));
  assert(facts.isNews({ ...config, role: "metadata" }));
  facts.begin();
  assert(facts.isNews(config));
});

Deno.test("stream facts: a new publication has its own tracks; the totals go on", () => {
  const facts = observed(video({ role: "key" }), audio());
  facts.begin();
  facts.observe(audio({ codec: "mp3" }), 1000);
  const json = facts.toJSON();
  assertEquals(json.tracks.map(({ codec, packets }) => ({ codec, packets })), [{ codec: "mp3", packets: 1 }]);
  assertEquals({ packets: json.packets, bytes: json.bytes }, { packets: 3, bytes: 300 });
  assertEquals(facts.hasVideo, false);
});

Deno.test("stream facts: bit rates over one, ten and sixty seconds go down to zero when nothing comes", () => {
  const facts = new StreamFacts();
  for (let ms = 0; ms < 120_000; ms += 100) {
    facts.observe(video({ dts: ms * 1000 }), ms);
    if (ms >= 100_000) facts.observe(audio({ dts: ms * 1000 }), ms);
  }
  assertEquals(facts.report(120_000).bitrate, { "1s": 16_000, "10s": 16_000, "60s": 10_667 });
  assertEquals(facts.report(120_000).tracks.map(({ bitrate }) => bitrate), [8000, 8000]);
  assertEquals(facts.report(125_000).bitrate, { "1s": 0, "10s": 8000, "60s": 10_000 });
  assertEquals(facts.report(180_000).bitrate, { "1s": 0, "10s": 0, "60s": 0 });
  assertEquals(JSON.parse(JSON.stringify(facts)).bitrate["10s"], 16_000);
});

Deno.test("stream facts: no configuration, whatever its bytes, makes the report throw", () => {
  const codecs = ["avc", "hevc", "vvc", "av1", "vp8", "vp9", "aac", "mp3", "opus", "flac", "ac3", "eac3", "toString"];
  const config = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.tuple(fc.constantFrom(AVC_CONFIG, AAC_CONFIG), fc.nat(64), fc.uint8Array({ maxLength: 8 }))
      .map(([good, cut, tail]) => Uint8Array.from([...good.subarray(0, cut), ...tail])),
  );
  fc.assert(fc.property(fc.constantFrom<Codec>(...codecs), config, (codec, data) => {
    const [track] = observed(packet({ role: "config", codec, data })).toJSON().tracks;
    assertEquals(track.codec, codec);
  }));
});
