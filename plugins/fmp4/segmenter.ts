import type { MediaPacket } from "../../media/packet.ts";
import { SegmentState } from "./segment_state.ts";
import type { InitStep, Step } from "./step.ts";
import { type SegmentTrack, TrackFeed } from "./track_feed.ts";

/** A frame that waits for the next segment. */
interface Held {
  readonly feed: TrackFeed;
  readonly packet: MediaPacket;
  /** What its track is from it on. */
  readonly next: SegmentTrack;
}

/** How a stream is cut. */
export interface SegmenterOptions {
  /** A segment ends at the first key from so many seconds on. */
  readonly segmentSeconds: number;
  /** The longest fragment, in seconds: so much is lost when everything stops. */
  readonly fragmentSeconds: number;
}

/**
 * How long it is waited for further tracks before the first init segment, in microseconds: a crash may lose as much, and
 * players that were given an init segment do not like another with more tracks.
 */
const PROBE = 1_000_000;

/** A main track that is this many microseconds late for the end of a fragment is not waited for. */
const SLACK = 250_000;

/** A fragment ends at so many bytes, or frames: they are in memory until then. */
const MAX_FRAGMENT_BYTES = 8 * 1024 * 1024;
const MAX_FRAGMENT_FRAMES = 5000;

/** Stamps are rounded: keys every two seconds may be a little less apart. */
const TOLERANCE = 50_000;

/** A segment without a further key frame ends after so many microseconds: encoders may refresh without any. */
const MAX_SEGMENT = 60_000_000;

/** Pictures that stay away for so many microseconds do not hold up the sound. */
const SILENCE = 2_000_000;

/**
 * A track that turns up or changes between two keys waits for the next one, for so many microseconds and bytes at most: a
 * player that is given a new init segment goes on at a key.
 */
const MAX_HELD = 2_000_000;
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** The most init segments of one recording: each is a file, and a publisher could change its mind with every frame. */
export const MAX_INITS = 500;

const FRAMES: ReadonlySet<string> = new Set(["key", "delta", "frame"]);
const NOTHING: readonly Step[] = [];

/**
 * Cuts the packets of a stream into fragments and segments of fragmented MP4: packets in, steps out.
 *
 * A segment begins with a key of the main track (the first video, else the first sound) and consists of fragments, which
 * need none. Every track has all its frames from its first one that can be decoded on. A track that turns up or changes
 * ends the segment, and the next has a new init segment.
 *
 * The invariant: all frames that wait belong to the current segment and to the tracks of `#feeds`, which the init segment
 * describes that was given out last, or is given out before them (`#isInitDue`).
 */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #feeds: TrackFeed[] = [];
  #main?: TrackFeed;
  #isInitDue = true;
  #isProbing = true;
  #inits = 0;
  #segment = new SegmentState(1);
  /** When the first frame that waits is decoded; undefined when none waits. */
  #fragmentStart?: number;
  #bytes = 0;
  #frames = 0;
  #lastMain = 0;
  /** The frames of tracks that wait for the next key. */
  #held: Held[] = [];
  #heldBytes = 0;

  constructor(options: SegmenterOptions) {
    this.#options = options;
  }

  /** Takes the next packet, of any kind. Throws `RangeError` when the tracks change too often. */
  write(packet: MediaPacket): readonly Step[] {
    const { kind, role } = packet;
    if (kind === "data") return NOTHING;
    const feed = this.#feed(kind, packet.track);
    if (role === "config") feed.configure(packet);
    return FRAMES.has(role) ? this.#frame(feed, packet) : NOTHING;
  }

  /** Gives out all that waits: nothing follows. */
  finish(): readonly Step[] {
    const steps: Step[] = [];
    if (this.#held.length > 0) this.#release(steps);
    this.#endSegment(steps);
    return steps;
  }

  #frame(feed: TrackFeed, packet: MediaPacket): readonly Step[] {
    const steps: Step[] = [];
    const isRelease = this.#isHeldUp(feed, packet);
    if (isRelease) this.#release(steps, feed, packet.dts);
    const next = feed.next(packet);
    if (!next) return [...steps, ...problemOf(feed)];
    if (next !== feed.current) {
      if (this.#mustWait(feed)) {
        this.#hold({ feed, packet, next });
        return steps;
      }
      this.#change(feed, next, packet, steps);
    } else if (this.#isProbing) this.#probe(packet);
    else if (!isRelease) this.#cut(feed, packet, steps);
    this.#add(feed, packet);
    return steps;
  }

  /** Whether tracks have waited long enough: the next key has come, or it is too long in coming. */
  #isHeldUp(feed: TrackFeed, { role, dts }: MediaPacket): boolean {
    if (this.#held.length === 0) return false;
    const isKey = feed === this.#main && role === "key";
    const isMuch = this.#heldBytes >= MAX_HELD_BYTES || this.#held.length >= MAX_FRAGMENT_FRAMES;
    return isKey || isMuch || dts - this.#held[0].packet.dts >= MAX_HELD;
  }

  /** Whether a track that changes has to wait for a key of the pictures. */
  #mustWait(feed: TrackFeed): boolean {
    const isJoining = this.#isInitDue && feed.isEmpty;
    return !isJoining && !this.#isProbing && this.#main?.kind === "video" && feed !== this.#main;
  }

  #hold(held: Held): void {
    this.#held.push(held);
    this.#heldBytes += held.packet.data.length;
  }

  /** Begins another segment with the frames that were held; `feed` and `next` as for `#endSegment`. */
  #release(steps: Step[], feed?: TrackFeed, next?: number): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#endSegment(steps, feed, next);
    for (const { feed, packet, next } of held) {
      if (next !== feed.current) this.#change(feed, next, packet, steps);
      this.#add(feed, packet);
    }
  }

  /** A track begins, or goes on as another. While nothing has been written of the others, they share an init segment. */
  #change(feed: TrackFeed, next: SegmentTrack, packet: MediaPacket, steps: Step[]): void {
    const isJoining = this.#isInitDue && feed.isEmpty;
    if (!isJoining) this.#endSegment(steps, feed, packet.dts);
    feed.adopt(next);
    this.#isInitDue = true;
    this.#main = this.#feeds.find(({ current }) => current);
    this.#probe(packet);
  }

  /** Ends the waiting for further tracks when all that are known of are there, or it has taken too long. */
  #probe({ dts }: MediaPacket): void {
    const ready = this.#feeds.filter(({ current }) => current);
    const isWhole = new Set(ready.map(({ kind }) => kind)).size === 2 &&
      !this.#feeds.some(({ isAwaited }) => isAwaited);
    if (isWhole || this.#isFull || this.#age(dts) >= PROBE) this.#isProbing = false;
  }

  #cut(feed: TrackFeed, packet: MediaPacket, steps: Step[]): void {
    if (this.#fragmentStart === undefined) return;
    const isMain = feed === this.#main;
    const limit = this.#options.fragmentSeconds * 1_000_000;
    if (this.#endsSegment(packet, isMain)) this.#endSegment(steps, feed, packet.dts);
    else if (this.#isFull || this.#age(packet.dts) >= (isMain ? limit : limit + SLACK)) {
      this.#endFragment(steps, feed, packet.dts);
    }
  }

  #endsSegment({ dts, role }: MediaPacket, isMain: boolean): boolean {
    const length = dts - this.#segment.begin;
    const tolerance = role === "key" ? TOLERANCE : 0;
    if (length < this.#options.segmentSeconds * 1_000_000 - tolerance) return false;
    if (isMain) return role !== "delta" || length >= MAX_SEGMENT;
    return dts - this.#lastMain >= SILENCE;
  }

  #add(feed: TrackFeed, packet: MediaPacket): void {
    const { dts } = packet;
    feed.add(packet);
    this.#fragmentStart ??= dts;
    if (this.#segment.isEmpty) this.#segment.open(dts);
    if (feed === this.#main) this.#segment.enter(packet.role !== "delta");
    this.#bytes += packet.data.length;
    this.#frames++;
    if (feed === this.#main) this.#lastMain = dts;
  }

  /** `feed` is the track whose next frame, decoded at `next`, ends it. */
  #endSegment(steps: Step[], feed?: TrackFeed, next?: number): void {
    this.#endFragment(steps, feed, next);
    if (this.#segment.isEmpty) return;
    steps.push(this.#segment.toStep());
    this.#segment = new SegmentState(this.#segment.number + 1);
  }

  #endFragment(steps: Step[], feed?: TrackFeed, next?: number): void {
    if (this.#fragmentStart === undefined) return;
    if (this.#isInitDue) steps.push(this.#init());
    const runs = this.#feeds.map((each) => each.take(each === feed ? next : undefined)).filter((run) =>
      run !== undefined
    );
    steps.push({
      type: "fragment",
      segment: this.#segment.number,
      isFirst: this.#segment.count(runs, this.#feeds),
      runs,
    });
    this.#fragmentStart = undefined;
    this.#bytes = this.#frames = 0;
  }

  #init(): InitStep {
    if (this.#inits >= MAX_INITS) throw new RangeError(`The tracks have changed ${MAX_INITS} times`);
    this.#isInitDue = this.#isProbing = false;
    const tracks = this.#feeds.map(({ current }) => current).filter((track) => track !== undefined);
    return { type: "init", number: ++this.#inits, tracks };
  }

  #feed(kind: "video" | "audio", number: number): TrackFeed {
    const known = this.#feeds.find((feed) => feed.kind === kind && feed.number === number);
    if (known) return known;
    const feed = new TrackFeed(kind, number);
    this.#feeds.push(feed);
    this.#feeds.sort((a, b) => rank(a) - rank(b));
    return feed;
  }

  get #isFull(): boolean {
    return this.#bytes >= MAX_FRAGMENT_BYTES || this.#frames >= MAX_FRAGMENT_FRAMES;
  }

  #age(dts: number): number {
    return this.#fragmentStart === undefined ? 0 : dts - this.#fragmentStart;
  }
}

/** Video first, then by number. */
function rank({ kind, number }: TrackFeed): number {
  return (kind === "video" ? 0 : 1000) + number;
}

function problemOf(feed: TrackFeed): readonly Step[] {
  const text = feed.takeFault();
  return text === undefined ? NOTHING : [{ type: "problem", text }];
}
