import type { KnownCodec, MediaPacket, PacketRole } from "../packet.ts";
import { parseEnhancedVideo } from "./enhanced_video.ts";
import { COMMAND_FRAME, compositionTime, frameRole } from "./video_frame.ts";

const ENHANCED_BIT = 0x80;

/** Codecs whose legacy bodies hold NAL units. 12 is in no specification, but is how HEVC was sent before FourCCs. */
const NALU_CODECS: Readonly<Record<number, KnownCodec>> = { 7: "avc", 12: "hevc" };

const SEQUENCE_HEADER = 0;
const NALU = 1;
const END_OF_SEQUENCE = 2;

/** The first byte, the packet type and the composition time. */
const NALU_HEADER_BYTES = 5;

/**
 * The packets of a video body that is not empty; `dts` in microseconds. Never throws.
 *
 * Follows the FLV specification 10.1, annex E.4.3, and enhanced RTMP v2, "Enhanced Video".
 */
export function parseVideoBody(dts: number, body: Uint8Array): MediaPacket[] {
  if (body[0] & ENHANCED_BIT) return parseEnhancedVideo(dts, body);
  const frameType = body[0] >> 4;
  const codecId = body[0] & 0x0f;
  const codec = NALU_CODECS[codecId];
  if (codec && frameType !== COMMAND_FRAME) return [parseNaluBody(codec, codecId, dts, body)];
  return [{
    kind: "video",
    role: frameRole(frameType),
    codec: codec ?? `video-${codecId}`,
    track: 0,
    dts,
    pts: dts,
    data: body.subarray(1),
    body,
  }];
}

function parseNaluBody(codec: KnownCodec, codecId: number, dts: number, body: Uint8Array): MediaPacket {
  const packetType = body[1];
  const role = naluRole(packetType, body[0] >> 4);
  if (!role || body.length < (packetType === END_OF_SEQUENCE ? 2 : NALU_HEADER_BYTES)) {
    return { kind: "video", role: "delta", codec: `video-${codecId}`, track: 0, dts, pts: dts, data: body, body };
  }
  const pts = packetType === NALU ? dts + compositionTime(body, 2) : dts;
  return { kind: "video", role, codec, track: 0, dts, pts, data: body.subarray(NALU_HEADER_BYTES), body };
}

function naluRole(packetType: number, frameType: number): PacketRole | undefined {
  switch (packetType) {
    case SEQUENCE_HEADER:
      return "config";
    case NALU:
      return frameRole(frameType);
    case END_OF_SEQUENCE:
      return "end";
  }
}
