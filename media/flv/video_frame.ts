import type { PacketRole } from "../packet.ts";

const KEY = 1;
const GENERATED_KEY = 4;

/** The frame type of a word to the player (seeking begins, seeking ends), of which no picture comes. */
export const COMMAND_FRAME = 5;

/** What a frame is by the frame type in the first byte of its body. */
export function frameRole(frameType: number): PacketRole {
  if (frameType === COMMAND_FRAME) return "metadata";
  return frameType === KEY || frameType === GENERATED_KEY ? "key" : "delta";
}

/** How much later a frame is shown than decoded, in microseconds: the signed 24-bit milliseconds at `at`. */
export function compositionTime(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8) >> 8) * 1000;
}
