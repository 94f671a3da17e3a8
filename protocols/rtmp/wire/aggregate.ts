import { RtmpProtocolError } from "./errors.ts";
import { MessageType, type RtmpMessage } from "./message.ts";

const TAG_HEADER = 11;
const BACK_POINTER = 4;

/** Messages in one aggregate: servers put a second or less into each, and an empty message costs a peer 15 bytes. */
export const MAX_AGGREGATE_PARTS = 4096;

/** What an aggregate may hold; commands, control messages and further aggregates have no meaning inside one. */
const PARTS: ReadonlySet<number> = new Set([
  MessageType.AUDIO,
  MessageType.VIDEO,
  MessageType.DATA_AMF0,
  MessageType.DATA_AMF3,
]);

/**
 * Takes an aggregate message apart (RTMP 1.0, section 7.1.6): its body is a row of FLV tags whose timestamps count from
 * the first one's, which stands for the message's own.
 *
 * Other parts than audio, video and data are left out. The bodies are views.
 *
 * @throws {RtmpProtocolError} when a tag ends behind the message, or there are more than {@linkcode MAX_AGGREGATE_PARTS}
 */
export function unpackAggregate({ body, timestamp, streamId }: RtmpMessage): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let first: number | undefined;
  for (let at = 0; at + TAG_HEADER <= body.length;) {
    const word = view.getUint32(at);
    const time = view.getUint32(at + 4);
    const tagTime = time >>> 8 | (time & 0xff) << 24;
    const end = at + TAG_HEADER + (word & 0xff_ffff);
    if (end > body.length) throw new RtmpProtocolError("An aggregate message ends in the middle of a tag");
    first ??= tagTime;
    const type = word >>> 24;
    if (PARTS.has(type)) {
      if (messages.length === MAX_AGGREGATE_PARTS) {
        throw new RtmpProtocolError(`An aggregate message has more than ${MAX_AGGREGATE_PARTS} parts`);
      }
      const part = body.subarray(at + TAG_HEADER, end);
      messages.push({ type, streamId, timestamp: (timestamp + tagTime - first) >>> 0, body: part });
    }
    at = end + BACK_POINTER;
  }
  return messages;
}
