import { ByteWriter } from "../../media/bytes.ts";
import { FormatError } from "../../media/errors.ts";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { Cadence } from "./cadence.ts";
import type { CutListener, SegmenterOptions } from "./cut.ts";
import { chooseContainer, type Container, type SegmentMuxer } from "./segment_muxer.ts";
import { LEAST_PART, PART_SLACK } from "./window_segment.ts";
import { isSameTracks, type SegmentTrack, TrackTable } from "./track_table.ts";

/** A stream with a video configuration whose sound has come so long without a picture, in microseconds, begins without. */
export const VIDEO_WAIT = 3_000_000;

/**
 * So long after its first picture, in microseconds, a stream may turn out to have sound without its tracks having changed: MP3
 * and AC-3 have no configuration that would announce them.
 */
export const SOUND_WAIT = 500_000;

/** No more frames are held for that, whatever their stamps say: half a second of 200 pictures a second. */
const MAX_HELD = 100;

/** No segment lasts longer, in microseconds, key or no key: its beginning is kept in memory, and players wait for its end. */
export const MAX_SEGMENT = 60_000_000;

/** No segment grows larger, in bytes: several of them are in memory at once. Eight seconds of 64 Mbit/s. */
export const MAX_SEGMENT_BYTES = 64 * 2 ** 20;

/** The interval of frames before it is known, in microseconds. */
const USUAL_INTERVAL = 40_000;

/** A frame so long after the end of the one before, in microseconds, that it had to begin a segment is a break of the timeline. */
const PAUSE = 100_000;

/** How far stamps may be from a steady pace, in microseconds, without a segment becoming too long. */
const TREMBLE = 50_000;

/** A lead track whose frames are further apart than this share of a part leaves it to the other track to end parts. */
const SPARSE = 0.75;

/** With no frame of the lead track to go by, a part ends a little early rather than late. */
const EARLY = 0.95;

/**
 * Cuts a stream into segments, and segments into parts.
 *
 * The invariant: from the first frame with which decoding can begin, every frame of the carried tracks is in exactly one part,
 * and a segment lasts as long as its parts. One track leads: the video, or the sound of streams without. Segments begin at
 * its keys, near to the wanted length; only one that would become longer than {@linkcode Segmenter.maxSegment} ends
 * anywhere. What changes for decoders (tracks, codecs, configurations) and breaks of the timeline wait for the next key, since
 * time goes on without a gap; frames of a track that has changed are left out until then.
 */
export class Segmenter {
  /** No segment lasts longer, in microseconds. */
  maxSegment: number = MAX_SEGMENT;
  /** No part lasts longer, in microseconds, as long as frames come regularly. */
  maxPart: number = Infinity;
  readonly #options: SegmenterOptions;
  readonly #listener: CutListener;
  readonly #table: TrackTable;
  #frames = new Cadence();
  readonly #keys = new Cadence();
  #muxer: SegmentMuxer | undefined;
  #tracks: readonly SegmentTrack[] = [];
  #lead: "video" | "audio" | undefined;
  #hasChanged = false;
  #isBroken: boolean;
  /** The kind of the track that told of the newest break, until the other one has told of it too. */
  #breaking: MediaKind | undefined;
  #firstSound: number | undefined;
  /** Frames of a stream that has just begun, until it is known whether it has sound. */
  readonly #held: MediaPacket[] = [];
  #out = new ByteWriter(0);
  #start = 0;
  #partStart = 0;
  #partOffset = 0;
  #partHasKey = false;
  /** When the newest frame is decoded, and the newest one of the lead track. */
  #newest = 0;
  #newestLead = 0;

  constructor(options: SegmenterOptions, listener: CutListener) {
    this.#options = options;
    this.#listener = listener;
    this.#table = new TrackTable(options.numbers ?? { video: 0, audio: 0 });
    this.#isBroken = options.before !== undefined;
  }

  /** What the segment in progress lasts at least, in microseconds: 0 when there is none. */
  get elapsed(): number {
    return this.#lead === undefined ? 0 : this.#newest + this.frameInterval + TREMBLE - this.#start;
  }

  /** The codecs of the tracks that there are as long as none of them can be carried; undefined when there is no such problem. */
  get unusable(): readonly string[] | undefined {
    const { tracks } = this.#table;
    if (this.#lead !== undefined || tracks.length === 0 || this.#usableTracks().length > 0) return undefined;
    return tracks.map(({ codec }) => codec);
  }

  /** The usual interval of the lead track's frames, in microseconds. */
  get frameInterval(): number {
    return this.#frames.interval ?? USUAL_INTERVAL;
  }

  /** Takes the next packet. */
  write(packet: MediaPacket): void {
    const { role, kind } = packet;
    if (role === "metadata" || role === "end" || !this.#table.has(packet)) return;
    if (role === "config" && kind === "video") this.#release();
    if (this.#table.observe(packet)) this.#hasChanged = true;
    if (role === "config") return;
    if (this.#muxer === undefined && this.#awaitsSound(packet)) return void this.#held.push(packet);
    this.#release();
    this.#take(packet);
  }

  /** Ends the segment in progress: nothing more comes. */
  finish(): void {
    this.#release();
    if (this.#lead === undefined) return;
    this.#endSegment(this.#end(), undefined);
    this.#lead = undefined;
  }

  /** Whether a stream that begins with this packet, or with what is held, may turn out to have sound in a moment. */
  #awaitsSound(packet: MediaPacket): boolean {
    const first = this.#held[0] ?? packet;
    if (first.role !== "key" || packet.dts - first.dts >= SOUND_WAIT || this.#held.length >= MAX_HELD) return false;
    return this.#table.tracks.every(({ kind }) => kind === "video");
  }

  #release(): void {
    if (this.#held.length === 0) return;
    for (const packet of this.#held.splice(0)) this.#take(packet);
  }

  #take(packet: MediaPacket): void {
    if (this.#lead === undefined) this.#enter(packet);
    else this.#goOn(packet, this.#lead);
    if (this.#lead !== undefined && this.#table.carries(packet)) this.#writeFrame(packet);
  }

  /** Begins with the first frame with which decoding can begin. */
  #enter(packet: MediaPacket): void {
    if (packet.kind === "audio") this.#firstSound ??= packet.dts;
    const usable = this.#usableTracks();
    const lead = leadOf(usable);
    const isOverdue = this.#firstSound !== undefined && packet.dts - this.#firstSound > VIDEO_WAIT;
    if (lead === "video" && packet.kind === "audio" && isOverdue) {
      this.#begin(packet, usable.filter(({ kind }) => kind === "audio"), true);
    } else if (lead && isEntry(packet, lead)) {
      this.#begin(packet, usable, true);
    }
  }

  /** Cuts before a frame where it is time to. */
  #goOn(packet: MediaPacket, lead: "video" | "audio"): void {
    if (packet.discontinuity) this.#noteBreak(packet.kind);
    const isKey = isEntry(packet, lead) || isEntry(packet, "video");
    if (!isKey && !this.#table.carries(packet)) return;
    if ((isKey && this.#isDue(packet)) || this.#isTooLong(packet)) this.#cutSegment(packet, isKey);
    else this.#cutPart(packet);
  }

  /** Each track's first packet behind a break says so; it is one break. */
  #noteBreak(kind: MediaKind): void {
    if (this.#breaking === undefined || this.#breaking === kind) {
      this.#isBroken = true;
      this.#breaking = kind;
    } else {
      this.#breaking = undefined;
    }
  }

  /** Whether the segment might become too long, or too large, with this frame and what comes before the next one. */
  #isTooLong({ kind, dts }: MediaPacket): boolean {
    const least = kind === this.#lead ? this.frameInterval + Math.min(this.frameInterval, TREMBLE) : TREMBLE;
    return dts + least - this.#start > this.maxSegment || this.#out.length >= MAX_SEGMENT_BYTES;
  }

  /** When the encoder has paused, the segment ends with what there was, and its timeline with it. */
  #cutSegment(packet: MediaPacket, isKey: boolean): void {
    const isBeyond = packet.dts - this.#start > this.maxSegment;
    if (isBeyond && packet.dts - this.#end() > PAUSE) this.#isBroken = true;
    if (!isKey) this.#listener.forced?.();
    this.#next(packet, isBeyond ? this.#end() : packet.dts, isKey);
  }

  /** Whether a segment begins with this key. */
  #isDue({ kind, dts }: MediaPacket): boolean {
    if (this.#hasChanged || this.#isBroken || kind !== this.#lead) return true;
    const { segment, isAligned } = this.#options;
    const interval = this.#keyInterval(dts);
    const nearest = Math.min(interval, segment) / 2;
    if (dts - this.#start + interval > this.maxSegment) return true;
    if (!isAligned) return dts - this.#start >= segment - nearest;
    return Math.floor((dts + nearest) / segment) > Math.floor((this.#start + nearest) / segment);
  }

  /** How far the key behind one of this time may be. */
  #keyInterval(dts: number): number {
    return this.#lead === "audio" ? this.frameInterval : this.#keys.interval ?? dts - this.#start;
  }

  /** Ends the segment before a packet, and begins the next with it. */
  #next(packet: MediaPacket, end: number, isIndependent: boolean): void {
    this.#endSegment(end, packet);
    const tracks = isIndependent && (this.#hasChanged || this.#isNewLead(packet)) ? this.#usableTracks() : this.#tracks;
    if (tracks.length > 0) return this.#begin(packet, tracks, isIndependent);
    this.#lead = undefined;
    this.#isBroken = true;
  }

  #isNewLead({ kind, role }: MediaPacket): boolean {
    return this.#lead === "audio" && kind === "video" && role === "key";
  }

  #begin(packet: MediaPacket, tracks: readonly SegmentTrack[], isIndependent: boolean): void {
    const isFirst = this.#muxer === undefined;
    const hasChanged = !isSameTracks(tracks, this.#tracks);
    if (hasChanged) this.#adopt(tracks);
    if (isIndependent) {
      this.#hasChanged = false;
      this.#table.carry(tracks);
    }
    this.#out = new ByteWriter(roomFor(this.#out.length));
    const init = this.#muxer!.begin(this.#tracks, this.#out);
    const time = isFirst ? packet.dts : Math.max(packet.dts, this.#partStart);
    this.#start = this.#partStart = time;
    this.#partOffset = 0;
    this.#partHasKey = isIndependent;
    this.#listener.start({
      time,
      isIndependent,
      isDiscontinuous: this.#isBroken || (hasChanged && !isFirst),
      extension: this.#muxer!.extension,
      init,
      tracks: this.#tracks,
      leftOut: hasChanged ? this.#table.tracks.filter(({ kind }) => tracks.every((track) => track.kind !== kind)) : [],
    });
    this.#isBroken = false;
  }

  #adopt(tracks: readonly SegmentTrack[]): void {
    const container = this.#choose(tracks);
    if (container !== this.#muxer?.container) this.#muxer = this.#options.openMuxer(container);
    this.#tracks = tracks;
    const lead = leadOf(tracks);
    if (lead === this.#lead) this.#frames.pause();
    else this.#frames = new Cadence();
    this.#lead = lead;
  }

  /** The tracks that the container can carry, as they are now described. */
  #usableTracks(): readonly SegmentTrack[] {
    const { tracks } = this.#table;
    const container = this.#choose(tracks);
    const muxer = this.#muxer?.container === container ? this.#muxer : this.#options.openMuxer(container);
    return tracks.filter((track) => muxer.carries(track));
  }

  #choose(tracks: readonly SegmentTrack[]): Container {
    return chooseContainer(this.#options.container, tracks, this.#muxer?.container ?? this.#options.before);
  }

  #writeFrame(packet: MediaPacket): void {
    if (packet.kind === this.#lead) this.#noteLead(packet);
    this.#newest = Math.max(this.#newest, packet.dts);
    if (packet.role === "key") this.#partHasKey = true;
    try {
      this.#muxer!.write(packet, this.#out);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#listener.damaged?.(error);
    }
  }

  #noteLead({ dts, role }: MediaPacket): void {
    if (!this.#isLeadFlowing(dts)) this.#frames.pause();
    this.#frames.note(dts);
    this.#newestLead = dts;
    const interval = role === "key" ? this.#keys.note(dts) : undefined;
    if (interval !== undefined) this.#listener.keyInterval?.(interval);
  }

  /** A pause of the encoder says nothing of its frame rate. */
  #isLeadFlowing(dts: number): boolean {
    return this.#frames.interval === undefined || dts - this.#newestLead < this.#frames.interval * 8;
  }

  /** A segment that has to end without a key ends with a whole part: hls.js may lose its way in parts that follow too quickly. */
  #cutPart(packet: MediaPacket): void {
    const { part } = this.#options;
    if (part === undefined || !this.#isPartOver(packet)) return;
    const isLast = packet.dts + Math.min(part, this.maxPart) + TREMBLE - this.#start > this.maxSegment;
    if (isLast) this.#cutSegment(packet, false);
    else this.#endPart(packet.dts, packet);
  }

  #isPartOver({ kind, dts }: MediaPacket): boolean {
    const part = Math.min(this.#options.part!, this.maxPart);
    const elapsed = dts - this.#partStart;
    if (this.maxPart !== Infinity && elapsed < this.maxPart * LEAST_PART) return false;
    const interval = this.frameInterval;
    const isSparse = interval > part * SPARSE || (kind !== this.#lead && dts - this.#newestLead >= part * EARLY);
    if (isSparse) return elapsed >= part * EARLY;
    return kind === this.#lead && elapsed >= this.#partGoal(part, interval) - interval / 2;
  }

  /** A whole number of frames: all parts last equally long then. */
  #partGoal(part: number, interval: number): number {
    const usual = this.maxPart === Infinity ? part : this.maxPart / PART_SLACK;
    return Math.max(1, Math.min(Math.round(usual / interval), Math.floor(this.maxPart / interval))) * interval;
  }

  /** Ends a part before `next`; one in which nothing is goes on instead. */
  #endPart(end: number, next: MediaPacket | undefined): void {
    this.#muxer!.flush(next, this.#out);
    const { length } = this.#out;
    if (length === this.#partOffset) return;
    const duration = Math.max(0, end - this.#partStart);
    const bytes = this.#out.view(this.#partOffset, length);
    this.#listener.part({ bytes, duration, isIndependent: this.#partHasKey || this.#lead === "audio" });
    this.#partOffset = length;
    this.#partStart += duration;
    this.#partHasKey = false;
  }

  #endSegment(end: number, next: MediaPacket | undefined): void {
    this.#endPart(end, next);
    this.#listener.end({ bytes: compact(this.#out), duration: this.#partStart - this.#start });
  }

  /** When the newest frame ends, as far as that is known. */
  #end(): number {
    const end = Math.max(this.#newest, this.#newestLead + this.frameInterval);
    return Math.min(end, this.#start + this.maxSegment);
  }
}

function leadOf(tracks: readonly SegmentTrack[]): "video" | "audio" | undefined {
  return tracks.some(({ kind }) => kind === "video") ? "video" : tracks[0]?.kind;
}

function isEntry({ kind, role }: MediaPacket, lead: "video" | "audio"): boolean {
  return lead === "video" ? role === "key" : kind === "audio";
}

/** Room for a segment about as large as the one before, so that the buffer seldom has to grow. */
function roomFor(before: number): number {
  return Math.max(4096, Math.ceil(before * 1.125));
}

/** The segment's bytes, without the unused room behind them where that is much. */
function compact(out: ByteWriter): Uint8Array {
  const bytes = out.view();
  return out.capacity > bytes.length * 1.25 ? bytes.slice() : bytes;
}
