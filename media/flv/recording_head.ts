import { type AmfObject, amfObject, type AmfValue } from "../amf/amf_value.ts";
import { ByteWriter } from "../bytes.ts";
import type { TrackState } from "../format.ts";
import type { MediaKind, MediaPacket } from "../packet.ts";
import { FLV_HEADER_BYTES, type FlvFlags, flvHeader } from "./header.ts";
import type { KeyframeIndex } from "./keyframe_index.ts";
import { encodeMetadata, MAX_METADATA_BYTES, observedMetadata, readMetadata, streamProperties } from "./metadata.ts";
import { TAG_OVERHEAD_BYTES, TAG_SCRIPT, writeFlvTag } from "./tag.ts";

/** What is known of a recording; while it goes on, less than in the end. */
export interface RecordingFacts {
  /** Its tracks and their configurations. */
  readonly tracks: readonly TrackState[];
  /** The publisher's `onMetaData`. */
  readonly published?: MediaPacket;
  /** How long it plays, in milliseconds. */
  readonly duration?: number;
  /** Its size in bytes, the head included. */
  readonly fileSize?: number;
  readonly index?: KeyframeIndex;
}

/** The length of what {@linkcode recordingHead} makes, in bytes: where the first tag of the stream stands. */
export const RECORDING_HEAD_BYTES: number = FLV_HEADER_BYTES + 4 + TAG_OVERHEAD_BYTES + MAX_METADATA_BYTES;

/** One entry point in `keyframes`: two numbers, each behind its marker. */
const ENTRY_BYTES = 2 * 9;

/** The length of one text of padding in bytes, and what of it stands before the text itself: ffmpeg reads up to 1,023. */
const PADDING_BYTES = 1_000;
const TEXT_OVERHEAD = 3;

/** Beyond so many bytes nothing of the publisher's metadata is kept, so that there is room for the index. */
const MAX_PUBLISHED_BYTES = MAX_METADATA_BYTES / 2;

/**
 * What an FLV recording begins with: the file header and an `onMetaData` that always has the same length.
 *
 * It is written when the recording begins, so that a recording which breaks off can be played, and again to the same place
 * when it ends: then with the duration, the size and the index of its key frames, whose positions stay what they were.
 * When more key frames are known than fit, every second one is left out, again and again. What the publisher said is kept
 * as far as it is true of the file and leaves room for the index. Follows the FLV specification 10.1, annex E.5; the index
 * is not in it, but this is how servers and players have it.
 */
export function recordingHead(facts: RecordingFacts): Uint8Array {
  const flags: FlvFlags = { hasAudio: has(facts.tracks, "audio"), hasVideo: has(facts.tracks, "video") };
  const out = new ByteWriter(RECORDING_HEAD_BYTES).raw(flvHeader(flags));
  writeFlvTag(out, TAG_SCRIPT, 0, metadata(facts, flags));
  return out.view();
}

/** An `onMetaData` body of {@linkcode MAX_METADATA_BYTES} bytes. */
function metadata(facts: RecordingFacts, flags: FlvFlags): Uint8Array {
  const hasKeyframes = (facts.index?.length ?? 0) > 0;
  const own = { ...observedMetadata(facts.tracks), ...flags, ...fileProperties(facts), hasKeyframes };
  const all = Object.assign(publishedProperties(facts, flags), own);
  const isSmall = encodeMetadata(all, MAX_PUBLISHED_BYTES) !== undefined;
  return fill(isSmall ? all : Object.assign(amfObject(), own), hasKeyframes ? facts.index : undefined);
}

function publishedProperties({ published }: RecordingFacts, flags: FlvFlags): AmfObject {
  return published ? streamProperties(readMetadata(published), flags, false) : amfObject();
}

function fileProperties({ duration, fileSize }: RecordingFacts): AmfObject {
  const properties = amfObject();
  if (duration !== undefined) properties.duration = duration / 1000;
  if (fileSize !== undefined) properties.filesize = fileSize;
  return properties;
}

/** Fills the metadata up with the index, and behind it with padding. */
function fill(properties: AmfObject, index: KeyframeIndex | undefined): Uint8Array {
  const withIndex = (limit: number, blanks: number) => {
    const keyframes = index && { ...index.toKeyframes(limit) };
    return encodeMetadata({ ...properties, ...(keyframes && { keyframes }), padding: padding(blanks) })!;
  };
  const entries = Math.floor((MAX_METADATA_BYTES - withIndex(0, 0).length) / ENTRY_BYTES);
  const blanks = MAX_METADATA_BYTES - withIndex(entries, 0).length;
  return withIndex(entries, blanks);
}

/** Values that together take so many bytes: texts that are not too long for any reader, then nulls. */
function padding(bytes: number): AmfValue[] {
  const texts = new Array(Math.floor(bytes / PADDING_BYTES)).fill(" ".repeat(PADDING_BYTES - TEXT_OVERHEAD));
  return [...texts, ...new Array(bytes % PADDING_BYTES).fill(null)];
}

function has(tracks: readonly TrackState[], kind: MediaKind): boolean {
  return tracks.some((state) => state.kind === kind);
}
