import type { MediaPacket } from "../../media/packet.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The letters that packets are written with; `L` and `e` are a second video track. */
const SHAPES = {
  V: { kind: "video", role: "config", codec: "avc", track: 0 },
  K: { kind: "video", role: "key", codec: "avc", track: 0 },
  d: { kind: "video", role: "delta", codec: "avc", track: 0 },
  L: { kind: "video", role: "key", codec: "avc", track: 1 },
  e: { kind: "video", role: "delta", codec: "avc", track: 1 },
  A: { kind: "audio", role: "config", codec: "aac", track: 0 },
  a: { kind: "audio", role: "frame", codec: "aac", track: 0 },
  m: { kind: "data", role: "metadata", codec: "script", track: 0 },
} as const;

/**
 * A packet from a letter and its time in milliseconds, with its own text as payload: `K0`, `d40`, `a23`.
 *
 * What comes after a `=` is the payload: `V0=one`; configurations and metadata without it have their letter's, so that
 * `V0` and `V80` are the same configuration.
 */
export function packet(text: string): MediaPacket {
  const [stamp, payload] = text.split("=");
  const shape = SHAPES[stamp[0] as keyof typeof SHAPES];
  if (!shape) throw new TypeError(`No packet begins with "${stamp[0]}": ${Object.keys(SHAPES).join(" ")}`);
  const dts = Number(stamp.slice(1)) * 1000;
  const isFrame = shape.role === "key" || shape.role === "delta" || shape.role === "frame";
  const data = encoder.encode(payload ?? (isFrame ? stamp : stamp[0]));
  return { ...shape, dts, pts: dts, data, body: data };
}

/** Packets from texts with white space between them. */
export function packets(story: string): MediaPacket[] {
  return story.split(/\s+/).filter(Boolean).map(packet);
}

/** Packets as the texts that they are made from, with the payload in place of the time: for comparing. */
export function payloads(list: Iterable<MediaPacket>): string {
  return Array.from(list, ({ data }) => decoder.decode(data)).join(" ");
}
