import type { Codec, MediaPacket, PacketRole } from "../packet.ts";
import { type EnhancedTrack, readEnhancedHeader, splitTracks } from "./enhanced.ts";
import { codecOf, unknownCodec } from "./fourcc.ts";
import { COMMAND_FRAME, compositionTime, frameRole } from "./video_frame.ts";

const PacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  CodedFramesX: 3,
  Metadata: 4,
  Mpeg2TsSequenceStart: 5,
  Multitrack: 6,
} as const;

const COMPOSITION_TIME_BYTES = 3;

/** What cannot be parsed, or carries no FourCC. */
const NAMELESS: Codec = "video-enhanced";

/**
 * The packets of an enhanced video body; `dts` in microseconds. Never throws.
 *
 * Follows enhanced RTMP v2, "Enhanced Video", of which v1 is a part.
 */
export function parseEnhancedVideo(dts: number, body: Uint8Array): MediaPacket[] {
  const header = readEnhancedHeader(body);
  if (!header) return [opaque("delta", NAMELESS, dts, body)];
  const frameType = body[0] >> 4 & 0x07;
  if (frameType === COMMAND_FRAME && header.packetType !== PacketType.Metadata) {
    return [opaque("metadata", NAMELESS, dts, body)];
  }
  const tracks = splitTracks(body, header, PacketType.Multitrack);
  if (!tracks) return [opaque("delta", NAMELESS, dts, body)];
  return tracks.map((track) => trackPacket(track, frameType, dts, header.offset));
}

function trackPacket(part: EnhancedTrack, frameType: number, dts: number, offset: number): MediaPacket {
  const { track, packetType, payload, body } = part;
  const codec = codecOf("video", part.fourCc);
  const role = packetRole(packetType, frameType);
  const timed = packetType === PacketType.CodedFrames && hasCompositionTime(codec);
  if (!role || timed && payload.length < COMPOSITION_TIME_BYTES) {
    return { ...opaque("delta", unknownCodec("video", part.fourCc), dts, body), track };
  }
  const pts = dts + offset + (timed ? compositionTime(payload, 0) : 0);
  const data = timed ? payload.subarray(COMPOSITION_TIME_BYTES) : payload;
  return { kind: "video", role, codec, track, dts, pts, data, body };
}

function packetRole(packetType: number, frameType: number): PacketRole | undefined {
  switch (packetType) {
    case PacketType.SequenceStart:
    case PacketType.Mpeg2TsSequenceStart:
      return "config";
    case PacketType.CodedFrames:
    case PacketType.CodedFramesX:
      return frameRole(frameType);
    case PacketType.SequenceEnd:
      return "end";
    case PacketType.Metadata:
      return "metadata";
  }
}

/** The codecs whose frames are stored in another order than they are shown in. */
function hasCompositionTime(codec: Codec): boolean {
  return codec === "avc" || codec === "hevc" || codec === "vvc";
}

function opaque(role: PacketRole, codec: Codec, dts: number, body: Uint8Array): MediaPacket {
  return { kind: "video", role, codec, track: 0, dts, pts: dts, data: body, body };
}
