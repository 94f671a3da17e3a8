import { ByteReader } from "../../media/byte_reader.ts";
import { FormatError } from "../../media/errors.ts";
import { openFullBox, readBoxHeader, readU64 } from "../../media/mp4/box_reader.ts";

/** So much of the beginning of a recording tells how long it is, in bytes. */
export const HEAD_BYTES = 4096;

/** An AMF number named `duration`: the length of the name, the name, and the marker of numbers (AMF 0, 2.2 and 2.5). */
const FLV_DURATION = [0, 8, ...new TextEncoder().encode("duration"), 0];

/**
 * How long a recording is, in seconds, from its first bytes; undefined when they do not say: an FLV file that is still being
 * written, an MP4 file whose index stands at its end.
 */
export function headDuration(kind: "mp4" | "flv", head: Uint8Array): number | undefined {
  try {
    const seconds = kind === "mp4" ? movieDuration(head) : metadataDuration(head);
    return seconds !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  } catch (error) {
    if (error instanceof FormatError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The `mvhd` box, the first one in `moov` (ISO/IEC 14496-12, 8.2.2). */
function movieDuration(head: Uint8Array): number | undefined {
  for (let at = 0; at < head.length;) {
    const box = readBoxHeader(head.subarray(at));
    if (!box) return undefined;
    if (box.type === "mvhd") return timescaled(head.subarray(at + box.headerBytes));
    at += box.type === "moov" ? box.headerBytes : box.size;
  }
}

function timescaled(content: Uint8Array): number {
  const { version, input } = openFullBox(content);
  input.raw(version === 1 ? 16 : 8);
  const timescale = input.u32();
  const duration = version === 1 ? readU64(input) : input.u32();
  return duration / timescale;
}

function metadataDuration(head: Uint8Array): number | undefined {
  const at = head.findIndex((_, i) => FLV_DURATION.every((byte, j) => head[i + j] === byte));
  if (at < 0) return undefined;
  return new ByteReader(head.subarray(at + FLV_DURATION.length)).f64();
}
