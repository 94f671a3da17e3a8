/// <reference lib="dom" />
import {
  type Connect,
  type ConnectionEvents,
  type ConnectionRequest,
  type FailureKind,
  failureKind,
} from "./connection.ts";
import { jumpTarget, MAX_LATENCY, rangesOf, TARGET_LATENCY } from "./live_edge.ts";
import { loadMpegts, type Mpegts, type MpegtsPlayer } from "./mpegts_library.ts";
import { streamLoader } from "./stream_loader.ts";

/** How far behind the picture the buffer reaches before it is cut back, in seconds. */
const KEEP_BEHIND = { max: 30, min: 15 };

/** Connects streams to a video element; begins at once to load what that takes. */
export function connectTo(video: HTMLVideoElement): Connect {
  loadMpegts().catch(() => {});
  return (request, events) => new FlvConnection(video, request, events);
}

/** One stream on one video element, by mpegts.js. */
class FlvConnection implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #events: ConnectionEvents;
  readonly #controller = new AbortController();
  #player?: MpegtsPlayer;

  constructor(video: HTMLVideoElement, request: ConnectionRequest, events: ConnectionEvents) {
    this.#video = video;
    this.#events = events;
    loadMpegts().then(
      (mpegts) => this.#start(mpegts, request),
      (error) => this.#fail("lost", error.message),
    );
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#player?.destroy();
  }

  #start(mpegts: Mpegts, { url, hasAudio, hasVideo }: ConnectionRequest): void {
    if (this.#controller.signal.aborted) return;
    if (!mpegts.isSupported()) return this.#fail("unplayable", "");
    const player = mpegts.createPlayer({ type: "flv", isLive: true, url, hasAudio, hasVideo }, {
      customLoader: streamLoader(mpegts),
      enableStashBuffer: false,
      liveSync: true,
      liveSyncTargetLatency: TARGET_LATENCY,
      liveSyncMaxLatency: MAX_LATENCY,
      liveSyncPlaybackRate: 1.1,
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
    this.#video.addEventListener("playing", () => this.#events.onPlaying(), { signal });
    this.#video.addEventListener("waiting", () => this.#events.onStalled(), { signal });
    this.#video.addEventListener("error", () => this.#fail("broken", this.#video.error?.message ?? ""), { signal });
    this.#video.addEventListener("timeupdate", () => this.#keepLive(), { signal });
    this.#video.addEventListener("progress", () => this.#keepLive(), { signal });
  }

  #keepLive(): void {
    if (this.#video.paused || this.#video.seeking) return;
    const target = jumpTarget(this.#video.currentTime, rangesOf(this.#video.buffered));
    if (target !== undefined) this.#video.currentTime = target;
  }

  #fail(kind: FailureKind, detail: string): void {
    if (!this.#controller.signal.aborted) this.#events.onFailed({ kind, detail });
  }
}

/** Plays with sound where the browser allows it, else without: it allows sound only after a click. */
async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if ((error as DOMException).name !== "NotAllowedError" || video.muted) return;
    video.muted = true;
    await video.play().catch(() => {});
  }
}
