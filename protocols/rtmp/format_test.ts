import { assertEquals } from "@std/assert";
import { decodeAmf0 } from "../../media/amf/amf0.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import { type FlvTagType, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "../../media/flv/tag.ts";
import type { TrackState } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { bytes } from "../../media/testing.ts";
import { ChunkReader } from "./wire/chunk_reader.ts";
import { PLAYER_CHUNK_SIZE, rtmpFormat, type RtmpFormatOptions } from "./format.ts";
import type { RtmpMessage } from "./wire/message.ts";

const KEY = packet(TAG_VIDEO, "17 01 000000 65");
const FRAME = packet(TAG_AUDIO, "af 01 21");
const CUE_POINT = packet(TAG_SCRIPT, '02 000a "onCuePoint" 05');
const TRACKS: readonly TrackState[] = [
  { kind: "video", track: 0, codec: "avc", config: packet(TAG_VIDEO, "17 00 000000 01") },
  { kind: "audio", track: 0, codec: "aac", config: packet(TAG_AUDIO, "af 00 1190") },
];

const NAMES: readonly { options: RtmpFormatOptions; name: string }[] = [
  { options: {}, name: "rtmp" },
  { options: { streamId: 1 }, name: "rtmp" },
  { options: { streamId: 2 }, name: "rtmp:2" },
  { options: { tracks: "all" }, name: "rtmp+tracks" },
  { options: { streamId: 2, video: false, tracks: "all" }, name: "rtmp:2-audio+tracks" },
];

for (const { options, name } of NAMES) {
  Deno.test(`RTMP bytes are shared under the name ${name} by players who want ${JSON.stringify(options)}`, () => {
    assertEquals(rtmpFormat(options).name, name);
  });
}

Deno.test("an RTMP unit is one message with a full header, on the chunk stream of its kind", () => {
  assertEquals(written(KEY, 40_999), bytes("06 000028 000006 09 01000000 17010000 0065"));
  assertEquals(written(FRAME, 20_000), bytes("04 000014 000003 08 01000000 af0121"));
  assertEquals(written(CUE_POINT, 0).subarray(0, 12), bytes("05 000000 00000e 12 01000000"));
  assertEquals(written(KEY, 0, { streamId: 0x0102 }).subarray(0, 12), bytes("06 000000 000006 09 02010000"));
});

Deno.test("an RTMP unit has an extended timestamp when it needs one, and wraps at 2^32 ms", () => {
  assertEquals(written(FRAME, 0xff_ffff * 1000), bytes("04 ffffff 000003 08 01000000 00ffffff af0121"));
  assertEquals(written(FRAME, (2 ** 32 + 5) * 1000).subarray(0, 4), bytes("04 000005"));
});

Deno.test("an RTMP unit of a large frame is cut at the players' chunk size", () => {
  const body = new Uint8Array(2 * PLAYER_CHUNK_SIZE + 1).fill(0x17);
  const unit = written({ ...KEY, body }, 0);
  assertEquals(unit.length, 12 + body.length + 2);
  assertEquals([unit[12 + PLAYER_CHUNK_SIZE], unit[13 + 2 * PLAYER_CHUNK_SIZE]], [0xc6, 0xc6]);
});

Deno.test("an RTMP player that joins hears metadata first, at the time 0, then configurations at the time of what follows", () => {
  const out = new ByteWriter();
  rtmpFormat().open({ tracks: TRACKS }).init({ ...KEY, dts: 5_000_000 }, out);
  const messages = read(out.view());
  assertEquals(messages.map(({ type, timestamp, streamId }) => [type, timestamp, streamId]), [
    [TAG_SCRIPT, 0, 1],
    [TAG_VIDEO, 5000, 1],
    [TAG_AUDIO, 5000, 1],
  ]);
  assertEquals(decodeAmf0(messages[0].body)[0], "onMetaData");
  assertEquals(messages.slice(1).map(({ body }) => body), [bytes("1700000000 01"), bytes("af00 1190")]);
});

function packet(type: FlvTagType, body: string): MediaPacket {
  return parseTagBody(type, 0, bytes(body))[0];
}

function written(packet: MediaPacket, dts: number, options?: RtmpFormatOptions): Uint8Array {
  const out = new ByteWriter();
  rtmpFormat(options).open({ tracks: TRACKS }).write({ ...packet, dts }, out);
  return out.view();
}

function read(unit: Uint8Array): RtmpMessage[] {
  const reader = new ChunkReader();
  reader.read(bytes(`02 000000 000004 01 00000000 ${PLAYER_CHUNK_SIZE.toString(16).padStart(8, "0")}`));
  return reader.read(unit);
}
