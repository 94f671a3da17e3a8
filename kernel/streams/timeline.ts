import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { type Epoch, TrackClock } from "./track_clock.ts";

/** A step back up to this many microseconds is waited out; a longer one is a new clock. */
const MAX_STEP_BACK = 500_000;

/** A step forward up to this many microseconds, beyond the time that really passed, is a pause; a longer one a new clock. */
export const MAX_JUMP = 5_000_000;

/** A track this many microseconds behind the others has frozen its clock, or was away and counts on from where it was. */
export const MAX_LAG = 10_000_000;

/**
 * Two tracks that arrive together with stamps further apart than this many microseconds have clocks of their own, which
 * are set right; less may be true, such as a camera that takes its time to start.
 */
export const MAX_SKEW = 2_000_000;

/** A stream may begin with stamps up to this many microseconds without their being changed. */
const MAX_KEPT_START = 10_000_000;

/** Where a stream begins otherwise, in microseconds: another track may begin a little earlier. */
const START = 1_000_000;

/** A frame this many microseconds from where it is expected raises no question. */
const SMOOTH = 250_000;

/** What has been mended on a timeline, as counts. */
export interface Repairs {
  /** Small steps back of a track, waited out. */
  readonly stepsBack: number;
  /** Jumps of the publisher's clock in either direction, closed without a gap. */
  readonly jumps: number;
  /** Tracks whose stamps began, or fell, far from those of the others, moved to where the others are. */
  readonly realigned: number;
  /** Tracks whose clock had slowly gone apart from that of the others, moved to where the others are. */
  readonly drifts: number;
}

/**
 * A stream's time, mended in this one place.
 *
 * The invariant: whatever a publisher sends, a track's dts never decreases and is never negative, pts − dts is what the
 * publisher said, and every frame comes out between {@linkcode MAX_LAG} before and {@linkcode MAX_JUMP} (and the time
 * that really passed) after the newest one of the stream. What is right already comes out as the same object.
 *
 * Stamps become the stream's time by an offset, the epoch. A frame stays in its track's epoch as long as that is
 * plausible. When it is not, the publisher's clock has jumped: the first track to notice opens a new epoch at the front,
 * and the others follow it as their own frames show the jump, so that sound and picture stay in step while frames from
 * before the jump still pass. Configurations, metadata and data, often stamped 0, never change an epoch.
 */
export class Timeline {
  readonly #tracks: TrackClock[] = [];
  readonly #repairs = { stepsBack: 0, jumps: 0, realigned: 0, drifts: 0 };
  #front = 0;
  #arrivedAt = 0;
  #isAnchored = false;
  #isResumed = false;

  /** The newest dts given out for audio or video, in microseconds. */
  get front(): number {
    return this.#front;
  }

  /** What has been mended since the stream began. */
  get repairs(): Repairs {
    return this.#repairs;
  }

  /**
   * A publication begins: its clock has nothing to do with the one before. Its first frame comes right after the front,
   * without a gap, and the first one of each track is a discontinuity unless it is the stream's first publication.
   */
  begin(): void {
    this.#isResumed ||= this.#isAnchored;
    this.#isAnchored = false;
    for (const track of this.#tracks) track.epoch = undefined;
  }

  /**
   * The packet at its place on the stream's timeline, a copy if its times had to be changed.
   *
   * @param packet with the publisher's stamps, their 32-bit wrap already undone
   * @param now when it arrived, in milliseconds of a monotonic clock
   */
  place(packet: MediaPacket, now: number): MediaPacket {
    const track = this.#track(packet.kind, packet.track);
    if (!isFrame(packet)) return moved(packet, this.#placeBeside(packet, track, now), false);
    const before = track.epoch;
    const epoch = this.#epochFor(track, packet.dts, now);
    if (epoch === before && packet.dts + epoch.offset < track.at) this.#repairs.stepsBack++;
    track.advance(epoch, packet.dts, this.#front);
    if (track.last > this.#front) this.#front = track.last;
    this.#arrivedAt = now;
    this.#isAnchored = true;
    return moved(packet, track.last, epoch !== before && (before !== undefined || this.#isResumed));
  }

  #track(kind: MediaKind, number: number): TrackClock {
    for (const track of this.#tracks) {
      if (track.number === number && track.kind === kind) return track;
    }
    const track = new TrackClock(kind, number);
    this.#tracks.push(track);
    return track;
  }

  #epochFor(track: TrackClock, raw: number, now: number): Epoch {
    const own = track.epoch;
    if (own === undefined) return this.#enter(track, raw);
    const time = raw + own.offset;
    if (!this.#isPlausible(track, time, now)) return this.#leave(track, raw, own);
    if (track.takeLateness(this.#front) > MAX_SKEW) return this.#realign(track, raw, "drifts");
    const isExpected = time >= track.last && track.departure(time, this.#front) <= SMOOTH;
    return isExpected ? own : this.#follow(track, raw, own);
  }

  #isPlausible(track: TrackClock, time: number, now: number): boolean {
    if (!isBetween(time, this.#front - MAX_LAG, this.#latest(now))) return false;
    return time >= track.at || time >= track.last - MAX_STEP_BACK;
  }

  /** The epoch of a track's first frame in a publication. */
  #enter(track: TrackClock, raw: number): Epoch {
    if (this.#isAnchored) return this.#nearest(track, raw) ?? this.#align(raw);
    if (this.#isResumed) return { offset: this.#front + track.interval - raw };
    if (raw >= this.#front - MAX_SKEW && raw < MAX_KEPT_START) return { offset: 0 };
    return { offset: Math.max(this.#front, START) - raw };
  }

  /** An epoch for a track that begins, by its stamps, far from the others although it begins now. */
  #align(raw: number): Epoch {
    this.#repairs.realigned++;
    return { offset: this.#front - raw };
  }

  /** The epoch of a frame that is not plausible under its track's own. */
  #leave(track: TrackClock, raw: number, own: Epoch): Epoch {
    const hasOnlyFallenBehind = raw + own.offset >= track.at && raw + own.offset <= this.#front;
    if (hasOnlyFallenBehind) return this.#realign(track, raw, "realigned");
    const joined = this.#nearest(track, raw);
    if (joined) return joined;
    this.#repairs.jumps++;
    return { offset: this.#next(track) - raw, replaced: own.offset };
  }

  /** The epoch of a frame that is plausible under its track's own, but not quite where it was expected. */
  #follow(track: TrackClock, raw: number, own: Epoch): Epoch {
    const next = this.#nearest(track, raw, own);
    if (!next) return own;
    const time = raw + own.offset;
    const isBetter = track.departure(raw + next.offset, this.#front) < track.departure(time, this.#front);
    return isBetter || time < track.last ? next : own;
  }

  /** Brings one track that has come apart from the others to where the others are. */
  #realign(track: TrackClock, raw: number, count: "realigned" | "drifts"): Epoch {
    this.#repairs[count]++;
    return this.#nearest(track, raw) ?? { offset: this.#next(track) - raw };
  }

  /** The epoch of another track that puts the frame nearest to the front; if given, only one that replaced `own`. */
  #nearest(track: TrackClock, raw: number, own?: Epoch): Epoch | undefined {
    let nearest: Epoch | undefined;
    let least = MAX_SKEW;
    for (const { epoch } of this.#tracks) {
      if (epoch === undefined || epoch === track.epoch) continue;
      if (own !== undefined && epoch.replaced !== own.offset) continue;
      const distance = Math.abs(raw + epoch.offset - this.#front);
      if (distance > least) continue;
      nearest = epoch;
      least = distance;
    }
    return nearest;
  }

  /** Where the track's next frame is due when its stamp says nothing. */
  #next(track: TrackClock): number {
    return Math.max(this.#front, track.last + track.interval);
  }

  /** The dts of what is neither sound nor picture: its own if that fits, else one that holds no frame back. */
  #placeBeside(packet: MediaPacket, track: TrackClock, now: number): number {
    const isData = packet.kind === "data";
    const tolerance = isData ? MAX_LAG : MAX_SKEW;
    const mayBeBehind = track.epoch === undefined && (this.#isAnchored || this.#isResumed);
    const earliest = mayBeBehind ? Math.max(track.last, this.#front - tolerance) : track.last;
    const own = this.#ownTime(packet.dts, track, earliest, this.#latest(now));
    track.last = own ?? (isData ? Math.max(track.last, this.#front) : earliest);
    if (!isData && track.last > this.#front) this.#front = track.last;
    return track.last;
  }

  /** A stamp's time under its track's epoch, or any other in use, within limits. */
  #ownTime(raw: number, track: TrackClock, earliest: number, latest: number): number | undefined {
    if (!this.#isAnchored) return !this.#isResumed && raw >= earliest && raw < MAX_KEPT_START ? raw : undefined;
    const own = track.epoch;
    if (own && isBetween(raw + own.offset, earliest, latest)) return raw + own.offset;
    for (const { epoch } of this.#tracks) {
      if (epoch && isBetween(raw + epoch.offset, earliest, latest)) return raw + epoch.offset;
    }
  }

  /** The latest time that a packet can have. */
  #latest(now: number): number {
    return this.#front + MAX_JUMP + (now - this.#arrivedAt) * 1000;
  }
}

function isFrame(packet: MediaPacket): boolean {
  return packet.kind !== "data" && packet.role !== "config" && packet.role !== "metadata" && packet.role !== "end";
}

function isBetween(time: number, earliest: number, latest: number): boolean {
  return time >= earliest && time <= latest;
}

function moved(packet: MediaPacket, dts: number, isBreak: boolean): MediaPacket {
  if (dts === packet.dts && !isBreak) return packet;
  const pts = packet.pts - packet.dts + dts;
  return isBreak ? { ...packet, dts, pts, discontinuity: true } : { ...packet, dts, pts };
}
