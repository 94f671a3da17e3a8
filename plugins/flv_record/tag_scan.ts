import {
  type FlvTagType,
  TAG_AUDIO,
  TAG_HEADER_BYTES,
  TAG_OVERHEAD_BYTES,
  TAG_SCRIPT,
  TAG_VIDEO,
} from "../../media/flv/tag.ts";

/** One whole tag in a piece of a recording. */
export interface WholeTag {
  readonly tagType: FlvTagType;
  /** In milliseconds modulo 2^32. */
  readonly timestamp: number;
  /** A view of the piece. */
  readonly body: Uint8Array;
  /** Where the tag begins in the piece, and where the one behind it would. */
  readonly start: number;
  readonly end: number;
}

const TYPES: ReadonlySet<number> = new Set([TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT]);

/**
 * The tags that lie whole at the front of a piece of a recording, up to what is torn.
 *
 * As strict as a recording is written: types that are known, stream 0, and a PreviousTagSize that fits behind each body, so
 * that nothing which a loss of power left behind passes for a tag (FLV specification 10.1, annex E.4.1). Never throws.
 */
export function* wholeTags(piece: Uint8Array): Iterable<WholeTag> {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  for (let start = 0; start + TAG_OVERHEAD_BYTES <= piece.length;) {
    const bodySize = view.getUint32(start) & 0xff_ffff;
    const end = start + bodySize + TAG_OVERHEAD_BYTES;
    if (end > piece.length || !isWhole(view, start, bodySize)) return;
    const body = piece.subarray(start + TAG_HEADER_BYTES, end - 4);
    const timestamp = (view.getUint8(start + 7) << 24 | view.getUint32(start + 4) >>> 8) >>> 0;
    yield { tagType: piece[start] as FlvTagType, timestamp, body, start, end };
    start = end;
  }
}

/** How many bytes the tag at the front of a piece has by its header; 0 for what is no tag, undefined for too few bytes. */
export function announcedTagBytes(piece: Uint8Array): number | undefined {
  if (piece.length > 0 && !TYPES.has(piece[0])) return 0;
  if (piece.length < TAG_HEADER_BYTES) return undefined;
  return (piece[1] << 16 | piece[2] << 8 | piece[3]) + TAG_OVERHEAD_BYTES;
}

function isWhole(view: DataView, start: number, bodySize: number): boolean {
  const streamId = view.getUint32(start + TAG_HEADER_BYTES - 4) & 0xff_ffff;
  const size = view.getUint32(start + TAG_HEADER_BYTES + bodySize);
  return TYPES.has(view.getUint8(start)) && streamId === 0 && size === TAG_HEADER_BYTES + bodySize;
}
