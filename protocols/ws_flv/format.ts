import type { ByteWriter } from "../../media/bytes.ts";
import { type FlvOptions, tagFormat } from "../../media/flv/format.ts";
import { type FlvTagType, TAG_OVERHEAD_BYTES, writeFlvTag } from "../../media/flv/tag.ts";
import type { Format } from "../../media/format.ts";
import { OPCODE, writeFrameHeader } from "./frames.ts";

/** FLV tags, each in a WebSocket message of its own, ready for the wire: server frames are not masked, so all share them. */
export function wsFlvFormat(options: FlvOptions): Format {
  return tagFormat("ws-flv", options, writeFramedTag);
}

function writeFramedTag(out: ByteWriter, tagType: FlvTagType, timestamp: number, body: Uint8Array): void {
  writeFrameHeader(out, OPCODE.binary, body.length + TAG_OVERHEAD_BYTES);
  writeFlvTag(out, tagType, timestamp, body);
}
