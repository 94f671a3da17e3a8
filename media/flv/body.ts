import type { MediaPacket } from "../packet.ts";
import { parseAudioBody } from "./audio_body.ts";
import { parseScriptBody } from "./script_body.ts";
import { type FlvTagType, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "./tag.ts";
import { parseVideoBody } from "./video_body.ts";

/**
 * The packets in one FLV tag, which is also one RTMP audio, video or data message.
 *
 * `timestamp` is in milliseconds, its 32-bit wrap undone. One packet for a body of one track, one per track for enhanced
 * RTMP's multitrack bodies, none for an empty body. `data` and `body` are views of `body` wherever the bytes are there;
 * a body is sent on byte for byte, except that tracks of a multitrack body become bodies of their own and that
 * `@setDataFrame` is taken off a script.
 *
 * Never throws: what has an unknown codec or cannot be parsed passes as one packet whose codec is made of its kind and
 * number or FourCC, such as `video-4`.
 */
export function parseTagBody(tagType: FlvTagType, timestamp: number, body: Uint8Array): MediaPacket[] {
  if (body.length === 0) return [];
  const dts = timestamp * 1000;
  switch (tagType) {
    case TAG_VIDEO:
      return parseVideoBody(dts, body);
    case TAG_AUDIO:
      return parseAudioBody(dts, body);
    case TAG_SCRIPT:
      return parseScriptBody(dts, body);
  }
}
