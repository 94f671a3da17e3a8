import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../media/bytes.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { readPackets } from "../../../media/ts/testing.ts";
import type { SegmentTrack } from "./track_table.ts";
import { TsSegments } from "./ts_segments.ts";

const AVC_CONFIG = "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20";

function packet(kind: "video" | "audio", role: MediaPacket["role"], ms: number, digits: string): MediaPacket {
  const data = Uint8Array.fromHex(digits);
  return {
    kind,
    role,
    codec: kind === "video" ? "avc" : "aac",
    track: 0,
    dts: ms * 1000,
    pts: ms * 1000,
    data,
    body: data,
  };
}

const VIDEO: SegmentTrack = { kind: "video", track: 0, codec: "avc", config: packet("video", "config", 0, AVC_CONFIG) };
const AUDIO: SegmentTrack = { kind: "audio", track: 0, codec: "aac", config: packet("audio", "config", 0, "1210") };
const sound = (ms: number) => packet("audio", "frame", ms, "21aabb");
const key = (ms: number) => packet("video", "key", ms, "0000000265aa");
const delta = (ms: number) => packet("video", "delta", ms, "0000000241bb");

/** What each part of a segment begins with: the PIDs of its packets up to the first frame's. */
function beginnings(tracks: readonly SegmentTrack[], parts: readonly (readonly MediaPacket[])[]): number[][] {
  const segments = new TsSegments();
  const out = new ByteWriter();
  segments.begin(tracks, out);
  return parts.map((part, i) => {
    const from = i === 0 ? 0 : out.length;
    for (const packet of part) segments.write(packet, out);
    segments.flush(undefined, out);
    const pids = readPackets(out.view(from)).map(({ pid }) => pid);
    return pids.slice(0, pids.findIndex((pid) => pid >= 0x20 && pid < 0x1000) + 1);
  });
}

Deno.test("each part of sound alone begins with the tables: players may begin with any", () => {
  const parts = [[sound(0), sound(23)], [sound(46)], [sound(69)]];
  assertEquals(beginnings([AUDIO], parts), [[0, 0x1000, 0x200], [0, 0x1000, 0x200], [0, 0x1000, 0x200]]);
});

Deno.test("of a stream with pictures, parts that begin with a key do", () => {
  const parts = [[key(0), sound(0)], [delta(40), sound(23)], [key(80)]];
  assertEquals(beginnings([VIDEO, AUDIO], parts), [[0, 0x1000, 0x100], [0x100], [0, 0x1000, 0x100]]);
});
