import type { Codec, MediaPacket, PacketRole } from "../packet.ts";
import { type EnhancedTrack, readEnhancedHeader, splitTracks } from "./enhanced.ts";
import { codecOf, unknownCodec } from "./fourcc.ts";

const MULTITRACK = 5;

/** Packet types with a meaning. `MultichannelConfig` (4) describes the sound as colour information does the picture. */
const ROLES: Readonly<Record<number, PacketRole>> = { 0: "config", 1: "frame", 2: "end", 4: "metadata" };

/**
 * The packets of an enhanced audio body; `dts` in microseconds. Never throws.
 *
 * Follows enhanced RTMP v2, "Enhanced Audio".
 */
export function parseEnhancedAudio(dts: number, body: Uint8Array): MediaPacket[] {
  const header = readEnhancedHeader(body);
  const tracks = header && splitTracks(body, header, MULTITRACK);
  if (!tracks) return [opaque("audio-enhanced", 0, dts, body)];
  return tracks.map((track) => trackPacket(track, dts, dts + header.offset));
}

function trackPacket(
  { track, packetType, fourCc, payload, body }: EnhancedTrack,
  dts: number,
  pts: number,
): MediaPacket {
  const role = ROLES[packetType];
  if (!role) return opaque(unknownCodec("audio", fourCc), track, dts, body);
  return { kind: "audio", role, codec: codecOf("audio", fourCc), track, dts, pts, data: payload, body };
}

function opaque(codec: Codec, track: number, dts: number, body: Uint8Array): MediaPacket {
  return { kind: "audio", role: "frame", codec, track, dts, pts: dts, data: body, body };
}
