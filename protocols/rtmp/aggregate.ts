import { RtmpProtocolError } from "./errors.ts";
import type { RtmpMessage } from "./message.ts";

const TAG_HEADER = 11;
const BACK_POINTER = 4;

/**
 * Takes an aggregate message apart (RTMP 1.0, section 7.1.6): its body is a row of FLV tags whose timestamps count from
 * the first one's, which stands for the message's own.
 *
 * @throws {RtmpProtocolError} when a tag ends behind the message
 */
export function unpackAggregate({ body, timestamp, streamId }: RtmpMessage): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let first: number | undefined;
  for (let at = 0; at + TAG_HEADER <= body.length;) {
    const word = view.getUint32(at);
    const time = view.getUint32(at + 4);
    const tagTime = (time >>> 8 | (time & 0xff) << 24) >>> 0;
    const end = at + TAG_HEADER + (word & 0xff_ffff);
    if (end > body.length) throw new RtmpProtocolError("An aggregate message ends in the middle of a tag");
    first ??= tagTime;
    messages.push({
      type: word >>> 24,
      streamId,
      timestamp: (timestamp + tagTime - first) >>> 0,
      body: body.subarray(at + TAG_HEADER, end),
    });
    at = end + BACK_POINTER;
  }
  return messages;
}
