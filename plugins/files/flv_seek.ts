import { ByteWriter } from "../../media/bytes.ts";
import { FormatError } from "../../media/errors.ts";
import { parseTagBody } from "../../media/flv/body.ts";
import { FLV_HEADER_BYTES, type FlvFlags, flvHeader, parseFlvHeader } from "../../media/flv/header.ts";
import { MAX_TAG_BYTES } from "../../media/flv/reader.ts";
import {
  type FlvTagType,
  TAG_AUDIO,
  TAG_HEADER_BYTES,
  TAG_OVERHEAD_BYTES,
  TAG_SCRIPT,
  TAG_VIDEO,
  writeFlvTag,
} from "../../media/flv/tag.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { ByteSource } from "./byte_source.ts";

/** Where a recording goes on, and what a player needs before that. */
export interface FlvEntry {
  /** The file header and the decoders' configurations, stamped with the time of the tag at `position`. */
  readonly head: Uint8Array;
  /** Where that tag begins, in bytes. */
  readonly position: number;
}

/** Where the first tag of an FLV file stands: behind the header and PreviousTagSize0. */
export const FIRST_TAG = FLV_HEADER_BYTES + 4;

/** The configurations stand at the beginning of a recording; no more than so many bytes of it are looked through. */
const MAX_HEAD_BYTES = 1024 * 1024;

/** A recording has no more tags than this before the first frame of each kind; somebody who means harm may have more. */
const MAX_HEAD_TAGS = 2000;

/** By chance hardly any bytes look like a tag; where so many do, somebody has written them so, and each costs time to be told. */
const MAX_LOOKALIKES = 1000;

/** How many bytes are looked at at once in search of a tag. */
const WINDOW_BYTES = 64 * 1024;

interface TagHeader {
  readonly type: FlvTagType;
  readonly timestamp: number;
  /** Of the body, in bytes. */
  readonly size: number;
}

/**
 * Where a player that wants the bytes from `start` on enters an FLV recording: at the tag there or, when none begins there,
 * at the next one; undefined when no whole tag follows.
 *
 * The bytes are told from others that only look like a tag by both of its neighbours: the sizes of the tag before and of
 * this one stand where they should (FLV specification 10.1, annex E.3). Of configurations that change later, the first
 * ones are given.
 *
 * @throws {FormatError} when the file does not begin as an FLV file
 */
export async function findFlvEntry(file: ByteSource, start: number): Promise<FlvEntry | undefined> {
  const flags = parseFlvHeader(await file.bytes(0, FLV_HEADER_BYTES));
  const position = await nextTag(file, Math.max(start, FIRST_TAG));
  if (position === undefined) return undefined;
  const first = readTagHeader(await file.bytes(position, TAG_HEADER_BYTES), 0)!;
  const head = new ByteWriter().raw(flvHeader(flags));
  for (const { type, body } of await configurations(file, flags, position)) {
    writeFlvTag(head, type, first.timestamp, body);
  }
  return { head: head.view(), position };
}

/** The first tag that begins at `start` or behind it; there is none further away than the longest tag there is. */
async function nextTag(file: ByteSource, start: number): Promise<number | undefined> {
  const limit = Math.min(file.size, start + MAX_TAG_BYTES + TAG_OVERHEAD_BYTES);
  let lookalikes = 0;
  for (let at = start; at < limit; at += WINDOW_BYTES) {
    const window = await file.bytes(at, WINDOW_BYTES + TAG_HEADER_BYTES);
    const last = Math.min(WINDOW_BYTES, limit - at, window.length - TAG_HEADER_BYTES + 1);
    for (let i = 0; i < last; i++) {
      if (!readTagHeader(window, i)) continue;
      if (await isTag(file, at + i)) return at + i;
      if (++lookalikes > MAX_LOOKALIKES) return undefined;
    }
  }
}

/** Says whether a whole tag begins there: it follows one, or the file's header, and its size stands behind it. */
async function isTag(file: ByteSource, position: number): Promise<boolean> {
  const around = await file.bytes(position - 4, 4 + TAG_HEADER_BYTES);
  const { size } = readTagHeader(around, 4) ?? {};
  if (size === undefined || position + TAG_OVERHEAD_BYTES + size > file.size) return false;
  const behind = await file.bytes(position + TAG_HEADER_BYTES + size, 4);
  if (u32(behind) !== TAG_HEADER_BYTES + size) return false;
  const before = position - 4 - u32(around);
  if (position === FIRST_TAG) return true;
  if (before < FIRST_TAG) return false;
  return readTagHeader(await file.bytes(before, TAG_HEADER_BYTES), 0)?.size === position - TAG_OVERHEAD_BYTES - before;
}

/** The configurations at the beginning of the file, up to where each kind of media has come to its first frame. */
async function configurations(file: ByteSource, flags: FlvFlags, end: number) {
  const found = new Map<string, { type: FlvTagType; body: Uint8Array }>();
  const missing = kindsOf(flags);
  const limit = Math.min(end, MAX_HEAD_BYTES);
  for (let at = FIRST_TAG, tags = 0; at < limit && missing.size > 0 && tags < MAX_HEAD_TAGS; tags++) {
    const header = readTagHeader(await file.bytes(at, TAG_HEADER_BYTES), 0);
    if (!header) break;
    const { type, size } = header;
    if (type !== TAG_SCRIPT && at + size < limit) {
      const body = await file.bytes(at + TAG_HEADER_BYTES, size);
      const packets = packetsOf(type, body);
      const config = packets.find(({ role }) => role === "config");
      if (config) found.set(`${type} ${packets.map(({ track }) => track)}`, { type, body });
      else if (packets.some(({ role }) => role !== "metadata")) missing.delete(type);
    }
    at += TAG_OVERHEAD_BYTES + size;
  }
  return found.values();
}

/** Some writers say that there is nothing, which is true of no recording. */
function kindsOf({ hasAudio, hasVideo }: FlvFlags): Set<FlvTagType> {
  const kinds = new Set<FlvTagType>();
  if (hasAudio || !hasVideo) kinds.add(TAG_AUDIO);
  if (hasVideo || !hasAudio) kinds.add(TAG_VIDEO);
  return kinds;
}

function packetsOf(type: FlvTagType, body: Uint8Array): readonly MediaPacket[] {
  try {
    return parseTagBody(type, 0, body);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** The header of a tag at a place in bytes; undefined when none can begin there. */
function readTagHeader(bytes: Uint8Array, at: number): TagHeader | undefined {
  const type = bytes[at];
  if (type !== TAG_AUDIO && type !== TAG_VIDEO && type !== TAG_SCRIPT) return undefined;
  if (at + TAG_HEADER_BYTES > bytes.length || (bytes[at + 8] | bytes[at + 9] | bytes[at + 10]) !== 0) return undefined;
  const size = bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  const timestamp = (bytes[at + 7] << 24 | bytes[at + 4] << 16 | bytes[at + 5] << 8 | bytes[at + 6]) >>> 0;
  return size > MAX_TAG_BYTES ? undefined : { type, timestamp, size };
}

function u32(bytes: Uint8Array): number {
  return bytes.length < 4 ? -1 : (bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) >>> 0;
}
