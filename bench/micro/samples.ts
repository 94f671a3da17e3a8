import { ByteWriter, concat } from "../../media/bytes.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import type { Muxer, TrackSource } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { CONFIGS, type Frame, FrameSource } from "../load/frames.ts";

/** Length of the streams that the micro benches work on: two groups of pictures. */
const SECONDS = 4;

/** What one read from a socket brings, in bytes. */
const READ_BYTES = 64 * 1024;

/** The frames of four seconds of 4 Mbit/s, configurations first. */
export function sampleFrames(): Frame[] {
  const source = new FrameSource(4000);
  const frames = [...CONFIGS];
  while (source.dueAt < SECONDS * 1000) frames.push(source.next(0));
  return frames;
}

/** The packets of {@linkcode sampleFrames}. */
export function samplePackets(): MediaPacket[] {
  return sampleFrames().flatMap(({ tagType, at, body }) => parseTagBody(tagType, Math.floor(at), body));
}

/** What muxers may know of the sample stream. */
export function sampleTracks(packets: readonly MediaPacket[]): TrackSource {
  const configs = packets.filter(({ role }) => role === "config");
  return { tracks: configs.map((config) => ({ kind: config.kind, track: 0, config, codec: config.codec })) };
}

/** The parts as they come from a socket. */
export function asReads(parts: readonly Uint8Array[]): Uint8Array[] {
  const all = concat(parts);
  const count = Math.ceil(all.length / READ_BYTES);
  return Array.from({ length: count }, (_, index) => all.subarray(index * READ_BYTES, (index + 1) * READ_BYTES));
}

/** Writes all packets in a format, with an init before each key, as a rendition does. */
export function mux(muxer: Muxer, packets: readonly MediaPacket[], out: ByteWriter): void {
  for (const packet of packets) {
    const role = muxer.role(packet);
    if (role === undefined) continue;
    if (role === "key") muxer.init(packet, out);
    muxer.write(packet, out);
  }
}
