import type { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { TrackState } from "../format.ts";
import type { Codec, MediaKind, MediaPacket } from "../packet.ts";
import { openPayload } from "./open_payload.ts";
import { ProgramClock } from "./program_clock.ts";
import { NO_PCR_PID, PAT_PID, patSection, PMT_PID, pmtSection } from "./psi.ts";
import { timestampOf } from "./timestamp.ts";
import { TsTrack } from "./track.ts";
import { MAX_AUDIO_PAYLOAD, PacketStream, UnitWriter, writeSection } from "./unit_writer.ts";

/** The most tracks in a stream: so many descriptions fit into a program map. What more a publisher sends is left out. */
export const MAX_TS_TRACKS = 64;

/** The PIDs of video tracks, then those of audio tracks, in the order of their numbers. */
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x200;

/** The most audio that shares a PES packet, in microseconds: {@linkcode TsMuxerOptions.gather} by default. */
const DEFAULT_GATHER = 100_000;

/** What a {@linkcode TsMuxer} begins with. */
export interface TsMuxerOptions {
  /** The tracks that are known: they are in the first program map. */
  readonly tracks?: readonly TrackState[];
  /** The most audio that shares a PES packet, in microseconds, at most and by default 100,000; 0 gives each frame its own. */
  readonly gather?: number;
}

/**
 * Writes an MPEG transport stream with one program (ISO/IEC 13818-1), as one piece or cut into segments.
 *
 * H.264, HEVC, AAC, MP3, Opus, AC-3 and E-AC-3 are carried; other codecs and data are left out. Tracks announce themselves
 * by their configuration or first frame, and the program map gets a new version. Audio waits until some of it is
 * together, so {@linkcode TsMuxer.flush} must be called before a segment is closed.
 */
export class TsMuxer {
  readonly #gather: number;
  readonly #clock = new ProgramClock();
  readonly #units = new UnitWriter();
  readonly #streams = new Map<number, PacketStream>();
  #tracks: TsTrack[] = [];
  #pcrTrack: TsTrack | undefined;
  #pmt: Uint8Array = new Uint8Array(0);
  #version = -1;

  constructor({ tracks = [], gather = DEFAULT_GATHER }: TsMuxerOptions = {}) {
    this.#gather = Math.min(gather, DEFAULT_GATHER);
    this.#tracks = this.#open(tracks);
  }

  /**
   * Writes what a segment begins with: the program tables. Continuity counters and clock go on from the segment before.
   *
   * `tracks`, if given, are all that there are from here on.
   */
  beginSegment(out: ByteWriter, tracks?: readonly TrackState[]): void {
    if (tracks) {
      this.flush(out);
      this.#tracks = this.#open(tracks);
    }
    this.#writeTables(out);
  }

  /**
   * Writes a packet, or keeps it until more audio has come. Configurations are kept for the next key frame.
   *
   * Throws {@linkcode FormatError} for frames that are damaged or too large and for configurations that cannot be read;
   * nothing of them has been written then, and the stream can go on.
   */
  write(packet: MediaPacket, out: ByteWriter): void {
    const { kind, role } = packet;
    if (kind === "data" || role === "metadata" || role === "end") return;
    const track = this.#track(kind, packet.track, packet.codec, out);
    if (!track) return;
    if (role === "config") this.#configure(track, packet.data, out);
    else this.#writeFrame(track, packet, out);
  }

  /** Writes the audio that waits: at the end of a segment and of the stream. */
  flush(out: ByteWriter): void {
    for (const track of this.#tracks) this.#flushTrack(track, out);
  }

  #configure(track: TsTrack, config: Uint8Array, out: ByteWriter): void {
    this.#flushTrack(track, out);
    track.configure(config);
  }

  #writeFrame(track: TsTrack, packet: MediaPacket, out: ByteWriter): void {
    const size = track.payload.measure(packet.data, packet.role === "key");
    if (!track.payload.description) return;
    if (track.kind === "audio" && size > MAX_AUDIO_PAYLOAD) {
      throw new FormatError(`Audio frame of ${packet.data.length} bytes does not fit into a PES packet`);
    }
    if (track.announced !== track.payload.description) this.#writeTables(out);
    this.#flushOverdue(packet.dts, out);
    this.#clock.advance(packet.dts);
    this.#clock.fill(out, this.#pcrTrack!.stream, track === this.#pcrTrack);
    if (track.kind === "video") this.#writePicture(track, packet, size, out);
    else this.#gatherAudio(track, packet, size, out);
  }

  #writePicture(track: TsTrack, packet: MediaPacket, size: number, out: ByteWriter): void {
    const isKey = packet.role === "key";
    const dts = track.times.next(packet.dts, packet.pts);
    const header = {
      streamId: track.payload.streamId,
      pts: timestampOf(Math.max(packet.pts, dts)),
      dts: timestampOf(dts),
      isRandomAccess: isKey,
      pcr: track === this.#pcrTrack ? this.#clock.take() : undefined,
    };
    this.#units.begin(out, track.stream, header, size);
    track.payload.write(packet.data, isKey, this.#units);
  }

  #gatherAudio(track: TsTrack, packet: MediaPacket, size: number, out: ByteWriter): void {
    if (!track.gathered.takes(packet, size, this.#gather)) this.#flushTrack(track, out);
    track.gathered.add(packet, size);
    if (this.#gather <= 0) this.#flushTrack(track, out);
  }

  /** Writes the audio that has waited long enough when a frame of this time comes. */
  #flushOverdue(dts: number, out: ByteWriter): void {
    for (const track of this.#tracks) {
      if (dts - track.gathered.pts >= this.#gather) this.#flushTrack(track, out);
    }
  }

  #flushTrack({ gathered, stream }: TsTrack, out: ByteWriter): void {
    if (gathered.isEmpty) return;
    const pcr = stream === this.#pcrTrack?.stream ? this.#clock.take() : undefined;
    gathered.flush(out, stream, this.#units, pcr);
  }

  /** The program tables: a new version of the map when it has something new to say, none before there is anything. */
  #writeTables(out: ByteWriter): void {
    const described = this.#describedTracks();
    if (described.length === 0 && this.#version < 0) return;
    this.#pcrTrack = described[0];
    const pcrPid = this.#pcrTrack?.stream.pid ?? NO_PCR_PID;
    const streams = described.map(({ stream, announced }) => ({ pid: stream.pid, ...announced! }));
    const same = this.#version >= 0 && isEqual(this.#pmt, pmtSection(this.#version, pcrPid, streams));
    if (!same) {
      this.#version = this.#version + 1 & 0x1f;
      this.#pmt = pmtSection(this.#version, pcrPid, streams);
    }
    writeSection(out, this.#stream(PAT_PID), patSection());
    writeSection(out, this.#stream(PMT_PID), this.#pmt);
    this.#clock.demand();
  }

  #describedTracks(): TsTrack[] {
    for (const track of this.#tracks) track.announced = track.payload.description;
    return this.#tracks.filter(({ announced }) => announced).sort((a, b) => a.stream.pid - b.stream.pid);
  }

  /** The packet's track; one that is new, or has changed its codec, is opened. */
  #track(kind: MediaKind, number: number, codec: Codec, out: ByteWriter): TsTrack | undefined {
    for (const track of this.#tracks) {
      if (track.kind !== kind || track.number !== number) continue;
      if (track.codec === codec) return track;
      this.#flushTrack(track, out);
      this.#tracks.splice(this.#tracks.indexOf(track), 1);
      break;
    }
    const opened = this.#tracks.length < MAX_TS_TRACKS ? this.#openTrack(kind, number, codec) : undefined;
    if (opened) this.#tracks.push(opened);
    return opened;
  }

  #open(states: readonly TrackState[]): TsTrack[] {
    const tracks: TsTrack[] = [];
    for (const { kind, track: number, codec, config } of states) {
      const known = this.#tracks.find((track) => track.kind === kind && track.number === number);
      const track = known?.codec === codec ? known : this.#openTrack(kind, number, codec);
      if (!track || tracks.length === MAX_TS_TRACKS) continue;
      if (config) configureLeniently(track, config.data);
      tracks.push(track);
    }
    return tracks;
  }

  #openTrack(kind: MediaKind, number: number, codec: Codec): TsTrack | undefined {
    const payload = kind === "data" ? undefined : openPayload(codec);
    if (!payload) return undefined;
    return new TsTrack(kind, number, codec, this.#stream((kind === "video" ? VIDEO_PID : AUDIO_PID) + number), payload);
  }

  #stream(pid: number): PacketStream {
    const known = this.#streams.get(pid);
    if (known) return known;
    const stream = new PacketStream(pid);
    this.#streams.set(pid, stream);
    return stream;
  }
}

/** A known track whose configuration cannot be read is not announced until one comes that can. */
function configureLeniently(track: TsTrack, config: Uint8Array): void {
  try {
    track.configure(config);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
