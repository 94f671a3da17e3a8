import { parseTagBody } from "../../media/flv/body.ts";
import { FlvReader, type FlvTag } from "../../media/flv/reader.ts";
import base64 from "./clip.flv.b64" with { type: "text" };

/** A short film that can follow itself: its frames cover `durationMs` evenly, in picture and sound. */
export interface Clip {
  /** Metadata and decoder configurations, sent once. */
  readonly headers: readonly FlvTag[];
  /** All frames, ordered by time; timestamps in milliseconds from 0. */
  readonly frames: readonly FlvTag[];
  /** What is added to all timestamps each time round, in milliseconds. */
  readonly durationMs: number;
}

/** How long the built-in clip is: 200 pictures at 25 per second, 375 AAC frames at 48 kHz. */
const DURATION_MS = 8000;

/** The built-in clip: 640x360 H.264 with a key frame every second, and AAC. */
export function builtInClip(): Clip {
  const tags = new FlvReader().read(Uint8Array.fromBase64(base64)).filter((event) => event.type === "tag");
  return { headers: tags.filter(isHeader), frames: tags.filter((tag) => !isHeader(tag)), durationMs: DURATION_MS };
}

/** Says whether a tag describes the film instead of being a part of it. */
export function isHeader({ tagType, body }: FlvTag): boolean {
  return parseTagBody(tagType, 0, body).every(({ role }) => role === "config" || role === "metadata");
}
