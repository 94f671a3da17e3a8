import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { decodeAmf0, encodeAmf0 } from "../amf/amf0.ts";
import { type AmfObject, EcmaArray, propertiesOf } from "../amf/amf_value.ts";
import { ByteWriter } from "../bytes.ts";
import type { TrackState } from "../format.ts";
import type { MediaPacket } from "../packet.ts";
import { bytes } from "../testing.ts";
import { parseTagBody } from "./body.ts";
import { AUDIO_ENTRY_INTERVAL, flvFormat, type FlvOptions } from "./format.ts";
import { flvHeader } from "./header.ts";
import { FlvReader, type FlvTag } from "./reader.ts";
import { type FlvTagType, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "./tag.ts";

const AVC_CONFIG = packet(
  TAG_VIDEO,
  "17 00 000000 0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
);
const AVC_KEY = packet(TAG_VIDEO, "17 01 000000 65");
const AVC_DELTA = packet(TAG_VIDEO, "27 01 000000 41");
const HDR = packet(TAG_VIDEO, '94 "avc1" 02 0009 "colorInfo" 05');
const SIDE_VIDEO = packet(TAG_VIDEO, '96 03 "avc1" 01 65');
const SIDE_CONFIG = packet(TAG_VIDEO, '96 00 "avc1" 01 0164');
const AAC_CONFIG = packet(TAG_AUDIO, "af 00 1190");
const AAC_FRAME = packet(TAG_AUDIO, "af 01 21");
const OPUS_CONFIG = packet(TAG_AUDIO, '90 "Opus" "OpusHead" 01 02 3801 80bb0000 0000 00');
const OPUS_LAYOUT = packet(TAG_AUDIO, '94 "Opus" 01 02 00000003');
const CUE_POINT = packet(TAG_SCRIPT, '02 000a "onCuePoint" 05');

const VIDEO: TrackState = { kind: "video", track: 0, codec: "avc", config: AVC_CONFIG };
const AUDIO: TrackState = { kind: "audio", track: 0, codec: "aac", config: AAC_CONFIG };
const SIDE: TrackState = { kind: "video", track: 1, codec: "avc", config: SIDE_CONFIG };

function packet(tagType: FlvTagType, body: string | Uint8Array, ms = 0): MediaPacket {
  return parseTagBody(tagType, ms, typeof body === "string" ? bytes(body) : body)[0];
}

function at(packet: MediaPacket, dts: number): MediaPacket {
  return { ...packet, dts, pts: dts };
}

function metadata(properties: AmfObject): MediaPacket {
  return packet(TAG_SCRIPT, encodeAmf0("onMetaData", new EcmaArray(properties)));
}

function open(tracks: readonly TrackState[], options?: FlvOptions) {
  return flvFormat(options).open({ tracks });
}

/** The tags that a muxer writes. */
function tags(write: (out: ByteWriter) => void): FlvTag[] {
  const out = new ByteWriter();
  write(out.raw(flvHeader({ hasAudio: true, hasVideo: true })));
  return new FlvReader().read(out.view()).filter((event) => event.type === "tag");
}

/** An onMetaData of a list of nulls, and of so many references to that list. */
function referring(nulls: number, references: number): Uint8Array {
  const out = new ByteWriter().raw(bytes('02 000a "onMetaData" 03 0001 61 0a')).u32(nulls);
  for (let i = 0; i < nulls; i++) out.u8(5);
  out.raw(bytes("0001 62 0a")).u32(references);
  for (let i = 0; i < references; i++) out.raw(bytes("07 0001"));
  return out.raw(bytes("0000 09")).view();
}

/** The properties of the onMetaData that an init begins with. */
function initMetadata(tracks: readonly TrackState[], options?: FlvOptions): AmfObject | undefined {
  const [{ tagType, body }] = tags((out) => open(tracks, options).init(AVC_KEY, out));
  assertStrictEquals(tagType, TAG_SCRIPT);
  const [name, value] = decodeAmf0(body);
  assertStrictEquals(name, "onMetaData");
  return propertiesOf(value);
}

Deno.test("FLV formats have one name per choice of what they carry", () => {
  const names = [
    flvFormat(),
    flvFormat({ audio: false }),
    flvFormat({ video: false }),
    flvFormat({ tracks: "all" }),
    flvFormat({ video: false, tracks: "all" }),
  ].map(({ name }) => name);
  assertEquals(names, ["flv", "flv-video", "flv-audio", "flv+tracks", "flv-audio+tracks"]);
  assertThrows(() => flvFormat({ audio: false, video: false }), TypeError, "neither audio nor video");
});

Deno.test("FLV with video is entered at its key frames alone", () => {
  const muxer = open([VIDEO, AUDIO]);
  const roles = [AVC_CONFIG, AVC_KEY, AVC_DELTA, AAC_CONFIG, AAC_FRAME, metadata({}), CUE_POINT, HDR].map((packet) =>
    muxer.role(packet)
  );
  assertEquals(roles, ["delta", "key", "delta", "delta", "delta", "delta", "delta", "delta"]);
});

Deno.test("FLV leaves out what was not asked for", () => {
  const cases: readonly [FlvOptions, MediaPacket, string | undefined][] = [
    [{ video: false }, AVC_KEY, undefined],
    [{ video: false }, AVC_CONFIG, undefined],
    [{ video: false }, AAC_FRAME, "key"],
    [{ video: false }, CUE_POINT, "delta"],
    [{ audio: false }, AAC_FRAME, undefined],
    [{ audio: false }, AVC_KEY, "key"],
    [{}, SIDE_VIDEO, undefined],
    [{ tracks: "all" }, SIDE_VIDEO, "delta"],
    [{ tracks: "all", video: false }, SIDE_VIDEO, undefined],
  ];
  for (const [options, packet, role] of cases) {
    assertStrictEquals(open([VIDEO, AUDIO, SIDE], options).role(packet), role);
  }
});

Deno.test("FLV without video is entered at audio frames, at most one a second", () => {
  const muxer = open([AUDIO]);
  const second = AUDIO_ENTRY_INTERVAL;
  const roles: [number, string][] = [
    [0, "key"],
    [23_000, "delta"],
    [second - 1, "delta"],
    [second, "key"],
    [second + 23_000, "delta"],
    [5 * second, "key"],
    [4 * second, "key"],
    [4 * second + 1, "delta"],
  ];
  for (const [dts, role] of roles) assertStrictEquals(muxer.role(at(AAC_FRAME, dts)), role);
});

Deno.test("FLV answers the same when it is asked about an audio frame again", () => {
  const muxer = open([AUDIO]);
  assertStrictEquals(muxer.role(at(AAC_FRAME, 0)), "key");
  assertStrictEquals(muxer.role(at(AAC_FRAME, 0)), "key");
});

Deno.test("FLV is no longer entered at audio frames once video has come", () => {
  const tracks = [AUDIO];
  const muxer = open(tracks);
  assertStrictEquals(muxer.role(at(AAC_FRAME, 0)), "key");
  tracks.push(VIDEO);
  assertStrictEquals(muxer.role(at(AAC_FRAME, 2 * AUDIO_ENTRY_INTERVAL)), "delta");
});

Deno.test("FLV begins with metadata at the time 0, then what decoders need at the time of what follows", () => {
  const opus: TrackState = { kind: "audio", track: 0, codec: "opus", config: OPUS_CONFIG, metadata: OPUS_LAYOUT };
  const tracks = [opus, { ...VIDEO, metadata: HDR }, SIDE];
  const written = tags((out) => open(tracks).init(at(AVC_KEY, 5_000_999), out));
  assertEquals(written.map(({ tagType }) => tagType), [TAG_SCRIPT, TAG_VIDEO, TAG_VIDEO, TAG_AUDIO, TAG_AUDIO]);
  assertEquals(written.slice(1).map(({ body }) => body), [
    AVC_CONFIG.body,
    HDR.body,
    OPUS_CONFIG.body,
    OPUS_LAYOUT.body,
  ]);
  assertEquals(written.map(({ timestamp }) => timestamp), [0, 5000, 5000, 5000, 5000]);
});

Deno.test("FLV metadata has the time 0 wherever it comes, other data its own", () => {
  const muxer = open([VIDEO]);
  const written = tags((out) => {
    muxer.write(at(metadata({ title: "two" }), 5_000_999), out);
    muxer.write(at(CUE_POINT, 5_000_999), out);
  });
  assertEquals(written.map(({ timestamp }) => timestamp), [0, 5000]);
});

Deno.test("FLV begins with the decoders' needs of every track when all are asked for", () => {
  const written = tags((out) => open([VIDEO, SIDE, AUDIO], { tracks: "all" }).init(AVC_KEY, out));
  assertEquals(written.slice(1).map(({ body }) => body), [AVC_CONFIG.body, SIDE_CONFIG.body, AAC_CONFIG.body]);
});

Deno.test("FLV begins with nothing of the kind that was not asked for", () => {
  const written = tags((out) => open([VIDEO, AUDIO], { video: false }).init(AAC_FRAME, out));
  assertEquals(written.slice(1).map(({ body }) => body), [AAC_CONFIG.body]);
});

Deno.test("FLV metadata says what flows when the publisher said nothing", () => {
  assertEquals(initMetadata([VIDEO, AUDIO]), {
    hasVideo: true,
    videocodecid: 7,
    width: 642,
    height: 482,
    hasAudio: true,
    audiocodecid: 10,
    audiosamplerate: 48_000,
    stereo: true,
  });
  assertEquals(initMetadata([{ kind: "video", track: 0, codec: "vp9" }]), { hasVideo: true, hasAudio: false });
});

Deno.test("FLV metadata names enhanced codecs by their FourCC", () => {
  const opus: TrackState = { kind: "audio", track: 0, codec: "opus", config: OPUS_CONFIG };
  const properties = initMetadata([opus]);
  assertEquals(properties?.audiocodecid, 0x4f70_7573);
  assertEquals(properties?.hasVideo, false);
});

Deno.test("FLV metadata keeps what the publisher said, without what is untrue of a live stream", () => {
  const published = metadata({
    encoder: "obs",
    width: 1920,
    audiodatarate: 160,
    duration: 60,
    filesize: 1000,
    keyframes: { times: [0] },
    videoTrackIdInfoMap: { 1: { width: 640 } },
    hasAudio: false,
  });
  const tracks: TrackState[] = [VIDEO, AUDIO, { kind: "data", track: 0, codec: "script", metadata: published }];
  const kept = { encoder: "obs", width: 1920, audiodatarate: 160, hasVideo: true, hasAudio: true };
  assertEquals(initMetadata(tracks), kept);
  assertEquals(initMetadata(tracks, { tracks: "all" }), { ...kept, videoTrackIdInfoMap: { 1: { width: 640 } } });
});

Deno.test("FLV metadata says nothing of the kind that is left out", () => {
  const published = metadata({
    encoder: "obs",
    width: 1920,
    height: 1080,
    framerate: 30,
    videodatarate: 6000,
    videocodecid: 7,
    audiodatarate: 160,
    audiocodecid: 10,
    stereo: true,
  });
  const tracks: TrackState[] = [VIDEO, AUDIO, { kind: "data", track: 0, codec: "script", metadata: published }];
  const audio = { encoder: "obs", audiodatarate: 160, audiocodecid: 10, stereo: true, hasVideo: false, hasAudio: true };
  const video = { encoder: "obs", width: 1920, height: 1080, framerate: 30, videodatarate: 6000, videocodecid: 7 };
  assertEquals(initMetadata(tracks, { video: false }), audio);
  assertEquals(initMetadata(tracks, { audio: false }), { ...video, hasVideo: true, hasAudio: false });
});

Deno.test("FLV metadata that cannot be read or sent is replaced", () => {
  const broken = [
    packet(TAG_SCRIPT, '02 000a "onMetaData"'),
    packet(TAG_SCRIPT, '02 000a "onMetaData" 03 0005 61'),
    packet(TAG_SCRIPT, '02 000a "onMetaData" 00 0000000000000000'),
    metadata({ text: "x".repeat(70_000) }),
    packet(
      TAG_SCRIPT,
      new Uint8Array([...bytes('02 000a "onMetaData" 03 0001 61 02 7fff'), ...new Uint8Array(0x7fff).fill(0xff)]),
    ),
    packet(
      TAG_SCRIPT,
      new Uint8Array([...bytes('02 000a "onMetaData" 03 7fff'), ...new Uint8Array(0x7fff).fill(0xff), 5, 0, 0, 9]),
    ),
    packet(TAG_SCRIPT, referring(100, 100)),
  ];
  for (const metadata of broken) {
    const tracks: TrackState[] = [VIDEO, { kind: "data", track: 0, codec: "script", metadata }];
    assertEquals(initMetadata(tracks), { hasVideo: true, hasAudio: false });
  }
});

Deno.test("FLV metadata follows the publisher's and the tracks that flow", () => {
  const tracks: TrackState[] = [VIDEO, {
    kind: "data",
    track: 0,
    codec: "script",
    metadata: metadata({ title: "one" }),
  }];
  const muxer = open(tracks);
  const properties = () => propertiesOf(decodeAmf0(tags((out) => muxer.init(AVC_KEY, out))[0].body)[1]);
  assertEquals(properties(), { title: "one", hasVideo: true, hasAudio: false });
  assertEquals(properties(), { title: "one", hasVideo: true, hasAudio: false });
  tracks.push(AUDIO);
  assertEquals(properties(), { title: "one", hasVideo: true, hasAudio: true });
  tracks[1] = { ...tracks[1], metadata: metadata({ title: "two" }) };
  assertEquals(properties(), { title: "two", hasVideo: true, hasAudio: true });
});

Deno.test("FLV tags have the packet's body and its time in milliseconds modulo 2^32", () => {
  const cases: readonly [number, number][] = [[0, 0], [1_999, 1], [0x1_0000_0005 * 1000, 5], [-1000, 0xffff_ffff]];
  for (const [dts, timestamp] of cases) {
    const muxer = open([VIDEO, AUDIO]);
    for (const [packet, tagType] of [[AVC_KEY, TAG_VIDEO], [AAC_FRAME, TAG_AUDIO], [CUE_POINT, TAG_SCRIPT]] as const) {
      const written = tags((out) => muxer.write(at(packet, dts), out));
      assertEquals(written, [{ type: "tag", tagType, timestamp, body: packet.body }]);
    }
  }
});

Deno.test("FLV passes the publisher's metadata on unchanged, or without the kind that is left out", () => {
  const published = metadata({ width: 1920, audiodatarate: 160, duration: 0 });
  const [whole] = tags((out) => open([VIDEO, AUDIO]).write(published, out));
  assertEquals(whole.body, published.body);
  const [audio] = tags((out) => open([VIDEO, AUDIO], { video: false }).write(published, out));
  assertEquals(propertiesOf(decodeAmf0(audio.body)[1]), { audiodatarate: 160, hasVideo: false, hasAudio: true });
});
