import type { MediaKind, MediaPacket } from "../../../media/packet.ts";
import type { CutListener, SegmenterOptions } from "./cut.ts";
import { HeldStart } from "./held_start.ts";
import { Pace } from "./pace.ts";
import { isPartOver } from "./part_rule.ts";
import { chooseContainer, type Container, type SegmentMuxer } from "./segment_muxer.ts";
import { SegmentOutput } from "./segment_output.ts";
import { isSameTracks, type SegmentTrack, TrackTable } from "./track_table.ts";

/** A stream with a video configuration whose sound has come so long without a picture, in microseconds, begins without. */
const VIDEO_WAIT = 3_000_000;

/** No segment lasts longer, in microseconds, key or no key: its beginning is kept in memory, and players wait for its end. */
export const MAX_SEGMENT = 60_000_000;

/** No segment grows larger, in bytes: several of them are in memory at once. Eight seconds of 64 Mbit/s. */
const MAX_SEGMENT_BYTES = 64 * 2 ** 20;

/** A frame so long after the end of the one before, in microseconds, that it had to begin a segment is a break of the timeline. */
const PAUSE = 100_000;

/** How far stamps may be from a steady pace, in microseconds, without a segment becoming too long. */
const TREMBLE = 50_000;

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
  readonly #pace = new Pace();
  readonly #held = new HeldStart();
  readonly #output: SegmentOutput;
  #muxer: SegmentMuxer | undefined;
  #tracks: readonly SegmentTrack[] = [];
  #lead: "video" | "audio" | undefined;
  #hasChanged = false;
  #isBroken: boolean;
  /** The kind of the track that told of the newest break, until the other one has told of it too. */
  #breaking: MediaKind | undefined;
  #firstSound: number | undefined;
  /** When the newest frame is decoded. */
  #newest = 0;

  constructor(options: SegmenterOptions, listener: CutListener) {
    this.#options = options;
    this.#output = new SegmentOutput(listener);
    this.#listener = listener;
    this.#table = new TrackTable(options.numbers ?? { video: 0, audio: 0 });
    this.#isBroken = options.before !== undefined;
  }

  /** What the segment in progress lasts at least, in microseconds: 0 when there is none. */
  get elapsed(): number {
    return this.#lead === undefined ? 0 : this.#newest + this.frameInterval + TREMBLE - this.#output.start;
  }

  /** The codecs of the tracks that there are as long as none of them can be carried; undefined when there is no such problem. */
  get unusable(): readonly string[] | undefined {
    const { tracks } = this.#table;
    if (this.#lead !== undefined || tracks.length === 0 || this.#usableTracks().length > 0) return undefined;
    return tracks.map(({ codec }) => codec);
  }

  /** The usual interval of the lead track's frames, in microseconds. */
  get frameInterval(): number {
    return this.#pace.frameInterval;
  }

  /** Takes the next packet. */
  write(packet: MediaPacket): void {
    const { role, kind } = packet;
    if (role === "metadata" || role === "end" || !this.#table.has(packet)) return;
    if (role === "config" && kind === "video") this.#release();
    if (this.#table.observe(packet)) this.#hasChanged = true;
    if (role === "config") return;
    if (this.#muxer === undefined && this.#hasNoSound() && this.#held.hold(packet)) return;
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

  /** Whether no sound is known of. */
  #hasNoSound(): boolean {
    return this.#table.tracks.every(({ kind }) => kind === "video");
  }

  #release(): void {
    for (const packet of this.#held.release()) this.#take(packet);
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
    return dts + least - this.#output.start > this.maxSegment || this.#output.length >= MAX_SEGMENT_BYTES;
  }

  /** When the encoder has paused, the segment ends with what there was, and its timeline with it. */
  #cutSegment(packet: MediaPacket, isKey: boolean): void {
    const isBeyond = packet.dts - this.#output.start > this.maxSegment;
    if (isBeyond && packet.dts - this.#end() > PAUSE) this.#isBroken = true;
    if (!isKey) this.#listener.forced?.();
    this.#next(packet, isBeyond ? this.#end() : packet.dts, isKey);
  }

  /** Whether a segment begins with this key. */
  #isDue({ kind, dts }: MediaPacket): boolean {
    if (this.#hasChanged || this.#isBroken || kind !== this.#lead) return true;
    const { segment, isAligned } = this.#options;
    const { start } = this.#output;
    const interval = this.#keyInterval(dts);
    const nearest = Math.min(interval, segment) / 2;
    if (dts - start + interval > this.maxSegment) return true;
    if (!isAligned) return dts - start >= segment - nearest;
    return Math.floor((dts + nearest) / segment) > Math.floor((start + nearest) / segment);
  }

  /** How far the key behind one of this time may be. */
  #keyInterval(dts: number): number {
    return this.#lead === "audio" ? this.frameInterval : this.#pace.keyInterval ?? dts - this.#output.start;
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
    this.#output.begin(this.#muxer!, {
      time: isFirst ? packet.dts : Math.max(packet.dts, this.#output.partStart),
      isIndependent,
      isDiscontinuous: this.#isBroken || (hasChanged && !isFirst),
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
    this.#pace.pause(lead !== this.#lead);
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
    this.#output.write(this.#muxer!, packet);
  }

  #noteLead(packet: MediaPacket): void {
    const interval = this.#pace.note(packet);
    if (interval !== undefined) this.#listener.keyInterval?.(interval);
  }

  /** A segment that has to end without a key ends with a whole part: hls.js may lose its way in parts that follow too quickly. */
  #cutPart(packet: MediaPacket): void {
    const { part } = this.#options;
    if (part === undefined || !this.#isPartOver(packet, part)) return;
    const isLast = packet.dts + Math.min(part, this.maxPart) + TREMBLE - this.#output.start > this.maxSegment;
    if (isLast) this.#cutSegment(packet, false);
    else this.#endPart(packet.dts, packet);
  }

  #isPartOver({ kind, dts }: MediaPacket, part: number): boolean {
    const elapsed = dts - this.#output.partStart;
    const next = { isLead: kind === this.#lead, elapsed, sinceLead: dts - this.#pace.newest };
    return isPartOver(next, { part, maxPart: this.maxPart, interval: this.frameInterval });
  }

  #endPart(end: number, next: MediaPacket | undefined): void {
    this.#output.endPart(this.#muxer!, end, next, this.#lead === "audio");
  }

  #endSegment(end: number, next: MediaPacket | undefined): void {
    this.#endPart(end, next);
    this.#output.end();
  }

  /** When the newest frame ends, as far as that is known. */
  #end(): number {
    const end = Math.max(this.#newest, this.#pace.newest + this.frameInterval);
    return Math.min(end, this.#output.start + this.maxSegment);
  }
}

function leadOf(tracks: readonly SegmentTrack[]): "video" | "audio" | undefined {
  return tracks.some(({ kind }) => kind === "video") ? "video" : tracks[0]?.kind;
}

function isEntry({ kind, role }: MediaPacket, lead: "video" | "audio"): boolean {
  return lead === "video" ? role === "key" : kind === "audio";
}
