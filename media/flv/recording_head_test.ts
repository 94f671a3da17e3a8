import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { decodeAmf0, encodeAmf0 } from "../amf/amf0.ts";
import { type AmfObject, type AmfValue, EcmaArray, propertiesOf } from "../amf/amf_value.ts";
import type { TrackState } from "../format.ts";
import type { MediaPacket } from "../packet.ts";
import { bytes } from "../testing.ts";
import { parseTagBody } from "./body.ts";
import { KeyframeIndex, MAX_ENTRY_POINTS } from "./keyframe_index.ts";
import { FlvReader } from "./reader.ts";
import { RECORDING_HEAD_BYTES, type RecordingFacts, recordingHead } from "./recording_head.ts";
import { TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "./tag.ts";

const AVC = "17 00 000000 0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20";
const VIDEO: TrackState = { kind: "video", track: 0, codec: "avc", config: parseTagBody(TAG_VIDEO, 0, bytes(AVC))[0] };
const AUDIO: TrackState = {
  kind: "audio",
  track: 0,
  codec: "aac",
  config: parseTagBody(TAG_AUDIO, 0, bytes("af 00 1190"))[0],
};

function published(properties: AmfObject): MediaPacket {
  return parseTagBody(TAG_SCRIPT, 0, encodeAmf0("onMetaData", new EcmaArray(properties)))[0];
}

/** The metadata of a head, the padding left out; fails when the head is not what it must always be. */
function metadataOf(facts: RecordingFacts): { properties: AmfObject; flags: [boolean, boolean] } {
  const head = recordingHead(facts);
  assertStrictEquals(head.length, RECORDING_HEAD_BYTES);
  const [header, tag, ...more] = new FlvReader().read(head);
  assert(header.type === "header" && tag.type === "tag" && more.length === 0);
  const [name, value] = decodeAmf0(tag.body);
  assertStrictEquals(name, "onMetaData");
  const { padding, ...properties } = propertiesOf(value)!;
  assert(Array.isArray(padding) && padding.every((value) => value === null || value.length < 1024));
  return { properties, flags: [header.hasAudio, header.hasVideo] };
}

function indexOf(count: number): KeyframeIndex {
  const index = new KeyframeIndex();
  for (let i = 0; i < count; i++) index.add(i * 2000, RECORDING_HEAD_BYTES + i);
  return index;
}

Deno.test("a recording begins with what is known of its tracks", () => {
  const { properties, flags } = metadataOf({ tracks: [VIDEO, AUDIO] });
  assertEquals(flags, [true, true]);
  assertEquals<AmfValue>(properties, {
    videocodecid: 7,
    width: 642,
    height: 482,
    audiocodecid: 10,
    audiosamplerate: 48_000,
    stereo: true,
    hasAudio: true,
    hasVideo: true,
    hasKeyframes: false,
  });
});

Deno.test("a recording ends with its duration, size and index", () => {
  const facts = { tracks: [AUDIO], duration: 61_500, fileSize: 5e9, index: indexOf(2) };
  const { properties, flags } = metadataOf(facts);
  assertEquals(flags, [true, false]);
  const { duration, filesize, hasVideo, hasKeyframes, keyframes } = properties;
  assertEquals<AmfValue>({ duration, filesize, hasVideo, hasKeyframes, keyframes }, {
    duration: 61.5,
    filesize: 5e9,
    hasVideo: false,
    hasKeyframes: true,
    keyframes: { times: [0, 2], filepositions: [RECORDING_HEAD_BYTES, RECORDING_HEAD_BYTES + 1] },
  });
});

Deno.test("what the publisher said is kept as far as it is true of the recording", () => {
  const script = published({ encoder: "obs", framerate: 25, width: 1, duration: 99, audiodatarate: 96, keyframes: {} });
  const { properties } = metadataOf({ tracks: [VIDEO], published: script });
  const { encoder, framerate, width, duration, audiodatarate, keyframes } = properties;
  assertEquals({ encoder, framerate, width }, { encoder: "obs", framerate: 25, width: 642 });
  assertEquals([duration, audiodatarate, keyframes], [undefined, undefined, undefined]);
});

Deno.test("what the publisher said is dropped when it would take the room of the index", () => {
  const script = published({ encoder: "x".repeat(40_000) });
  const { properties } = metadataOf({ tracks: [VIDEO], published: script, duration: 1000, index: indexOf(100) });
  assertStrictEquals(properties.encoder, undefined);
  assertEquals([properties.duration, properties.width, properties.videocodecid], [1, 642, 7]);
  assertStrictEquals(keyframeCount(properties), 100);
});

Deno.test("the index of a long recording is thinned out until it fits", () => {
  assertStrictEquals(keyframeCount(metadataOf({ tracks: [], index: indexOf(MAX_ENTRY_POINTS) }).properties), 3600);
  assertStrictEquals(keyframeCount(metadataOf({ tracks: [], index: indexOf(40_000) }).properties), 2500);
  const script = published({ encoder: "x".repeat(20_000) });
  const crowded = metadataOf({ tracks: [VIDEO], published: script, index: indexOf(MAX_ENTRY_POINTS) });
  assertStrictEquals(keyframeCount(crowded.properties), 1800);
});

Deno.test("a head always has the same length, whatever it says", () => {
  const facts = fc.record({
    tracks: fc.subarray([VIDEO, AUDIO]),
    published: fc.option(fc.dictionary(fc.string(), fc.oneof(fc.string({ maxLength: 3000 }), fc.double())), {
      nil: undefined,
    }),
    duration: fc.option(fc.nat(), { nil: undefined }),
    entries: fc.nat(8000),
  });
  fc.assert(
    fc.property(facts, ({ tracks, published: said, duration, entries }) => {
      metadataOf({ tracks, duration, published: said && published(said), index: indexOf(entries) });
    }),
    { numRuns: 40 },
  );
});

function keyframeCount({ keyframes }: AmfObject): number {
  const { times, filepositions } = keyframes as { times: number[]; filepositions: number[] };
  assertStrictEquals(times.length, filepositions.length);
  return times.length;
}
