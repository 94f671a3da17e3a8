import type { ByteWriter } from "../../media/bytes.ts";
import { type FlvOptions, tagFormat, type TagWriter } from "../../media/flv/format.ts";
import type { FlvTagType } from "../../media/flv/tag.ts";
import type { Format } from "../../media/format.ts";
import { chunkStreamOf, writeMessage } from "./wire/chunk_writer.ts";

/** Chunk size of all that is sent to players: most frames are then one chunk, whose bytes are sent as they are. */
export const PLAYER_CHUNK_SIZE = 60_000;

/** The message stream that nearly every player uses; its bytes are shared by all of them. */
const USUAL_STREAM_ID = 1;

/** Which part of a stream RTMP players get, and on which message stream. */
export interface RtmpFormatOptions extends FlvOptions {
  readonly streamId?: number;
}

/**
 * RTMP messages for players, in chunks of {@linkcode PLAYER_CHUNK_SIZE} with full headers: they depend on nothing that a
 * connection sent before, so all players on the same message stream share them.
 */
export function rtmpFormat({ streamId = USUAL_STREAM_ID, ...selection }: RtmpFormatOptions = {}): Format {
  const name = streamId === USUAL_STREAM_ID ? "rtmp" : `rtmp:${streamId}`;
  return tagFormat(name, selection, messageWriter(streamId));
}

function messageWriter(streamId: number): TagWriter {
  return (out: ByteWriter, tagType: FlvTagType, timestamp: number, body: Uint8Array) =>
    writeMessage(out, chunkStreamOf(tagType), tagType, streamId, timestamp, body, PLAYER_CHUNK_SIZE);
}
