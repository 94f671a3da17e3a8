import type { MediaPacket } from "../../media/packet.ts";
import type { Repairs } from "../streams/timeline.ts";

const EMPTY = new Uint8Array();

/** The letters that stories are written in. */
export const SHAPES = {
  v: { kind: "video", role: "key", codec: "avc", track: 0 },
  w: { kind: "video", role: "key", codec: "avc", track: 1 },
  V: { kind: "video", role: "config", codec: "avc", track: 0 },
  H: { kind: "video", role: "metadata", codec: "avc", track: 0 },
  E: { kind: "video", role: "end", codec: "avc", track: 0 },
  a: { kind: "audio", role: "frame", codec: "aac", track: 0 },
  b: { kind: "audio", role: "frame", codec: "aac", track: 1 },
  A: { kind: "audio", role: "config", codec: "aac", track: 0 },
  m: { kind: "data", role: "metadata", codec: "script", track: 0 },
} as const;

/** What kind of packet it is. */
export type Letter = keyof typeof SHAPES;

/** A packet without payload, stamped `dts` µs and shown `composition` µs later. */
export function packet(letter: Letter, dts: number, composition = 0): MediaPacket {
  return { ...SHAPES[letter], dts, pts: dts + composition, data: EMPTY, body: EMPTY };
}

/** Nothing had to be mended. */
export const NO_REPAIRS: Repairs = { stepsBack: 0, jumps: 0, realigned: 0, drifts: 0 };
