import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";

/** Enhanced RTMP's packet type for modifiers in front of the packet proper; the same for audio and video. */
const MOD_EX = 7;

const MOD_TIMESTAMP_OFFSET_NANO = 0;

/** A timestamp offset completes the milliseconds of a message; a larger one is a mistake. */
const MAX_OFFSET_NANO = 999_999;

const MultitrackType = { OneTrack: 0, ManyTracks: 1, ManyTracksManyCodecs: 2 } as const;

/**
 * How many tracks one message may hold: as many as there are track ids. Each costs a body of its own, and a message of
 * 8 MB could announce two million empty ones.
 */
export const MAX_TRACKS = 256;

/** The beginning of an enhanced body: everything up to and including its packet type. */
export interface EnhancedHeader {
  readonly packetType: number;
  /** How much later than the message's timestamp the packet is to be shown, in whole microseconds. */
  readonly offset: number;
  /** Where the header ends; the lower four bits of the byte before are the packet type. */
  readonly end: number;
}

/** What an enhanced body says of one track. */
export interface EnhancedTrack {
  readonly track: number;
  readonly packetType: number;
  readonly fourCc: number;
  /** What follows the FourCC and the track's number and size, as a view of `body`. */
  readonly payload: Uint8Array;
  /** A body with this track alone. */
  readonly body: Uint8Array;
}

/** Reads the header of an enhanced body; unknown modifiers are skipped. Undefined when it is cut off. */
export function readEnhancedHeader(body: Uint8Array): EnhancedHeader | undefined {
  let packetType = body[0] & 0x0f;
  let offset = 0;
  let end = 1;
  while (packetType === MOD_EX) {
    let size = body[end++] + 1;
    if (size === 256) {
      size = (body[end] << 8 | body[end + 1]) + 1;
      end += 2;
    }
    const at = end + size;
    if (!(at < body.length)) return undefined;
    if (body[at] >> 4 === MOD_TIMESTAMP_OFFSET_NANO && size >= 3) offset = readOffset(body, end);
    packetType = body[at] & 0x0f;
    end = at + 1;
  }
  return { packetType, offset, end };
}

function readOffset(body: Uint8Array, at: number): number {
  const nanoseconds = body[at] << 16 | body[at + 1] << 8 | body[at + 2];
  return nanoseconds > MAX_OFFSET_NANO ? 0 : Math.floor(nanoseconds / 1000);
}

/**
 * The tracks of an enhanced body; `multitrack` is the packet type that announces several.
 *
 * A body of one track is kept as it is. The tracks of others get bodies of their own: track 0 a plain one, which players
 * without multitrack understand, the rest multitrack bodies of one track. Undefined when the body cannot be parsed.
 */
export function splitTracks(body: Uint8Array, header: EnhancedHeader, multitrack: number): EnhancedTrack[] | undefined {
  if (header.packetType === multitrack) return splitMultitrack(body, header, multitrack);
  const start = header.end + 4;
  if (start > body.length) return undefined;
  const { packetType, end } = header;
  const fourCc = (body[end] << 24 | body[end + 1] << 16 | body[end + 2] << 8 | body[end + 3]) >>> 0;
  return [{ track: 0, packetType, fourCc, payload: body.subarray(start), body }];
}

function splitMultitrack(body: Uint8Array, header: EnhancedHeader, multitrack: number): EnhancedTrack[] | undefined {
  try {
    return readMultitrack(body, header, multitrack);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function readMultitrack(body: Uint8Array, header: EnhancedHeader, multitrack: number): EnhancedTrack[] {
  const input = new ByteReader(body, header.end);
  const head = input.u8();
  const type = head >> 4;
  const packetType = head & 0x0f;
  if (type > MultitrackType.ManyTracksManyCodecs) throw new FormatError(`Multitrack type ${type} is not known`);
  if (packetType === multitrack || packetType === MOD_EX) {
    throw new FormatError("Multitrack packet inside a multitrack one");
  }
  const shared = type === MultitrackType.ManyTracksManyCodecs ? undefined : input.u32();
  const tracks: EnhancedTrack[] = [];
  do {
    if (tracks.length === MAX_TRACKS) throw new FormatError(`Multitrack packet of more than ${MAX_TRACKS} tracks`);
    const fourCc = shared ?? input.u32();
    const track = input.u8();
    if (type === MultitrackType.OneTrack && track !== 0) {
      return [{ track, packetType, fourCc, payload: input.rest(), body }];
    }
    const payload = type === MultitrackType.OneTrack ? input.rest() : input.raw(input.u24());
    tracks.push(wrapTrack(body.subarray(0, header.end), track, packetType, fourCc, payload));
  } while (input.left > 0);
  return tracks;
}

/** One track's payload in a body of its own, behind the same modifiers. */
function wrapTrack(
  header: Uint8Array,
  track: number,
  packetType: number,
  fourCc: number,
  payload: Uint8Array,
): EnhancedTrack {
  const start = header.length + (track === 0 ? 4 : 6);
  const body = new Uint8Array(start + payload.length);
  body.set(header);
  let at = header.length;
  if (track === 0) body[at - 1] = body[at - 1] & 0xf0 | packetType;
  else body[at++] = MultitrackType.OneTrack << 4 | packetType;
  new DataView(body.buffer).setUint32(at, fourCc);
  if (track !== 0) body[at + 4] = track;
  body.set(payload, start);
  return { track, packetType, fourCc, payload: body.subarray(start), body };
}
