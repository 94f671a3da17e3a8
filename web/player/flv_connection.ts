/// <reference lib="dom" />
import {
  type Connect,
  type Connection,
  type ConnectionEvents,
  type ConnectionRequest,
  type FailureKind,
  failureKind,
} from "./connection.ts";
import { jumpTarget, rangesOf } from "./live_edge.ts";
import { LivePace } from "./live_pace.ts";
import { loadMpegts, type Mpegts, type MpegtsPlayer } from "./mpegts_library.ts";
import { play } from "./play_video.ts";
import { streamLoader } from "./stream_loader.ts";

/** How far behind the picture the buffer reaches before it is cut back, in seconds. */
const KEEP_BEHIND = { max: 30, min: 15 };

/** So long after a picture has begun, in seconds, all that the stream begins with has come. */
const SETTLE_SECONDS = 0.7;

/** Connects streams to a video element; begins at once to load what that takes. */
export function connectTo(video: HTMLVideoElement): Connect {
  loadMpegts().catch(() => {});
  return (request, events) => new FlvConnection(video, request, events);
}

/** One stream on one video element, by mpegts.js. */
class FlvConnection implements Connection {
  readonly #video: HTMLVideoElement;
  readonly #events: ConnectionEvents;
  readonly #controller = new AbortController();
  readonly #pace = new LivePace();
  #player?: MpegtsPlayer;
  #received = 0;
  #hasBegun = false;
  /** When to look once more whether a picture that has begun is near the live edge, in seconds. */
  #settlesAt = Infinity;
  /** The picture stands, and has not jumped since. */
  #stands = false;

  constructor(video: HTMLVideoElement, request: ConnectionRequest, events: ConnectionEvents) {
    this.#video = video;
    this.#events = events;
    loadMpegts().then(
      (mpegts) => this.#start(mpegts, request),
      (error) => this.#fail("lost", error.message),
    );
  }

  get received(): number {
    return this.#received;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#player?.destroy();
    this.#video.playbackRate = 1;
  }

  #start(mpegts: Mpegts, { url, hasAudio, hasVideo }: ConnectionRequest): void {
    if (this.#controller.signal.aborted) return;
    if (!mpegts.isSupported()) return this.#fail("unplayable", "");
    const player = mpegts.createPlayer({ type: "flv", isLive: true, url, hasAudio, hasVideo }, {
      customLoader: streamLoader(mpegts, (bytes) => this.#onBytes(bytes)),
      enableStashBuffer: false,
      autoCleanupSourceBuffer: true,
      autoCleanupMaxBackwardDuration: KEEP_BEHIND.max,
      autoCleanupMinBackwardDuration: KEEP_BEHIND.min,
    });
    this.#player = player;
    player.attachMediaElement(this.#video);
    this.#listen(mpegts, player);
    player.load();
    play(this.#video);
  }

  #listen({ Events, ErrorTypes }: Mpegts, player: MpegtsPlayer): void {
    player.on(Events.LOADING_COMPLETE, () => this.#events.onEnded());
    player.on(Events.ERROR, (type: string, _detail: string, { code, msg }: { code: number; msg: string }) => {
      this.#fail(type === ErrorTypes.NETWORK_ERROR ? failureKind(code) : "broken", msg);
    });
    const { signal } = this.#controller;
    this.#video.addEventListener("playing", () => this.#onPlaying(), { signal });
    this.#video.addEventListener("waiting", () => this.#onStalled(), { signal });
    this.#video.addEventListener("error", () => this.#fail("broken", this.#video.error?.message ?? ""), { signal });
    this.#video.addEventListener("timeupdate", () => this.#keepLive(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#keepLive(this.#pace.near), { signal });
  }

  /**
   * Before a piece is taken in is when the least is left to show. A picture that stands does not wait until the browser, which
   * wants more after each stall, up to three seconds, goes on by itself: after a jump it begins as soon as at first.
   */
  #onBytes(bytes: number): void {
    this.#received += bytes;
    const settles = performance.now() / 1000 >= this.#settlesAt;
    if (settles) this.#settlesAt = Infinity;
    this.#keepLive(settles || this.#stands ? this.#pace.near : undefined);
  }

  /** What a stream begins with goes back to its newest key frame: the picture begins at the live edge all the same. */
  #onPlaying(): void {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    this.#stands = false;
    if (isFirst) {
      this.#settlesAt = performance.now() / 1000 + SETTLE_SECONDS;
      this.#keepLive(this.#pace.near);
    }
    this.#events.onPlaying();
  }

  #onStalled(): void {
    if (this.#hasBegun && !this.#video.seeking) {
      this.#pace.stalled(performance.now() / 1000);
      this.#stands = true;
    }
    this.#events.onStalled();
  }

  /** Jumps to the live edge from `limit` seconds on; nearer to it the pace is enough. */
  #keepLive(limit?: number): void {
    const { paused, seeking, currentTime } = this.#video;
    const ranges = rangesOf(this.#video.buffered);
    if (paused || seeking || ranges.length === 0) return;
    const now = performance.now() / 1000;
    const target = jumpTarget(currentTime, ranges, this.#pace.landing, limit);
    if (target !== undefined) this.#jumpTo(target);
    else if (this.#hasBegun) {
      this.#pace.observe(ranges.at(-1)!.end, now);
      this.#setRate(this.#pace.rateAt(currentTime, now));
    }
  }

  #jumpTo(position: number): void {
    this.#stands = false;
    this.#pace.restart();
    this.#setRate(1);
    this.#video.currentTime = position;
  }

  #setRate(rate: number): void {
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
  }

  #fail(kind: FailureKind, detail: string): void {
    if (!this.#controller.signal.aborted) this.#events.onFailed({ kind, detail });
  }
}
