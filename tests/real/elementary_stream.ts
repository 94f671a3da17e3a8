import type { MediaPacket } from "../../media/packet.ts";
import { copiedBytes } from "./ffmpeg.ts";

/** Delimiters and parameter sets, which the writer adds, by the codec's NAL unit types. */
const ADDED_UNITS: Readonly<Record<string, (first: number) => boolean>> = {
  avc: (first) => [7, 8, 9].includes(first & 0x1f),
  hevc: (first) => [32, 33, 34, 35, 39].includes(first >> 1 & 0x3f),
};

/** What the writer puts in front of AAC frames whose header does not tell their channels: here 5.1 with side speakers. */
const CHANNEL_LIST_BYTES = 9;

/** What ffmpeg takes out of a stream, in hexadecimal digits: NAL units that were sent, or frames without headers. */
export async function elementaryStream(path: string, index: number, codec: string): Promise<string[]> {
  const bytes = await copiedBytes(path, index);
  if (codec === "aac") return adtsFrames(bytes).map((frame) => frame.toHex());
  return ADDED_UNITS[codec] ? sentUnits(byteStreamUnits(bytes), codec) : [bytes.toHex()];
}

/** The same of frames that were sent. */
export function written(frames: readonly MediaPacket[]): string[] {
  const { codec } = frames[0];
  const parts = frames.map(({ data }) => data);
  if (codec === "aac") return parts.map((frame) => frame.toHex());
  return ADDED_UNITS[codec]
    ? sentUnits(parts.flatMap(prefixedUnits), codec)
    : [parts.map((part) => part.toHex()).join("")];
}

function sentUnits(units: readonly Uint8Array[], codec: string): string[] {
  return units.filter((unit) => !ADDED_UNITS[codec](unit[0])).map((unit) => unit.toHex());
}

function prefixedUnits(frame: Uint8Array): Uint8Array[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const units: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += 4 + view.getUint32(at)) {
    units.push(frame.subarray(at + 4, at + 4 + view.getUint32(at)));
  }
  return units;
}

function byteStreamUnits(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 1) starts.push(at + 4);
  }
  return starts.map((start, i) => bytes.subarray(start, i + 1 < starts.length ? starts[i + 1] - 4 : bytes.length));
}

function adtsFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = (bytes[at + 3] & 3) << 11 | bytes[at + 4] << 3 | bytes[at + 5] >> 5;
    const hasChannelList = (bytes[at + 2] & 1 | bytes[at + 3] >> 6) === 0;
    frames.push(bytes.subarray(at + 7 + (hasChannelList ? CHANNEL_LIST_BYTES : 0), at + length));
    at += length;
  }
  return frames;
}
