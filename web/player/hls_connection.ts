/// <reference lib="dom" />
import { type Connect, type Connection, type ConnectionEvents, type FailureKind, failureKind } from "./connection.ts";
import { latencyAt, rangesOf } from "./live_edge.ts";
import { play } from "./play_video.ts";
import { type HlsLibrary, type HlsPlayer, loadHls } from "./hls_library.ts";
import { AUTOMATIC, type Level, type QualityMenu } from "../watch/quality_menu.ts";

/** How often a decoder that failed is given another try before the connection is given up. */
const MAX_RECOVERIES = 2;

/** Farther behind than so many seconds beyond where the server wants players, the picture jumps. */
const JUMP_SECONDS = 6;

/** When nothing follows, a picture that is so near the end of what there is has come to it, in seconds. */
const END_TOLERANCE = 0.15;

/** What may bring a picture to the end of what there is. */
const MOVES = ["timeupdate", "waiting", "seeking", "ended"];

/** How much of what has been seen is kept, in seconds. */
const KEEP_BEHIND = 30;

/** Connects streams as HLS to a video element, with a menu of their qualities; begins at once to load what that takes. */
export function connectHls(video: HTMLVideoElement, menu: QualityMenu): Connect {
  loadHls().catch(() => {});
  return ({ url }, events) => new HlsConnection(video, menu, url, events);
}

/** One stream on one video element, by hls.js. */
class HlsConnection implements Connection {
  readonly #video: HTMLVideoElement;
  readonly #menu: QualityMenu;
  readonly #events: ConnectionEvents;
  readonly #controller = new AbortController();
  #hls?: HlsPlayer;
  #received = 0;
  #recoveries = 0;
  #wasLive = false;
  #isOver = false;

  constructor(video: HTMLVideoElement, menu: QualityMenu, url: string, events: ConnectionEvents) {
    this.#video = video;
    this.#menu = menu;
    this.#events = events;
    loadHls().then((library) => this.#start(library, url), (error) => this.#fail("lost", error.message));
  }

  get received(): number {
    return this.#received;
  }

  get latency(): number | undefined {
    return this.#hls && this.#wasLive ? this.#hls.latency : undefined;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#menu.close();
    this.#hls?.destroy();
    this.#video.playbackRate = 1;
  }

  #start(library: HlsLibrary, url: string): void {
    if (this.#controller.signal.aborted) return;
    if (!library.isSupported()) return this.#fail("unplayable", "");
    const hls = new library({
      enableWorker: false,
      lowLatencyMode: true,
      maxLiveSyncPlaybackRate: 1.1,
      backBufferLength: KEEP_BEHIND,
    });
    this.#hls = hls;
    this.#listen(library, hls);
    hls.loadSource(url);
    hls.attachMedia(this.#video);
  }

  #listen({ Events, ErrorTypes }: HlsLibrary, hls: HlsPlayer): void {
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#showLevels(hls);
      play(this.#video);
    });
    hls.on(Events.LEVEL_SWITCHED, (_, { level }) => this.#menu.showCurrent(level));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.#onPlaylist(details.live));
    hls.on(Events.FRAG_LOADED, (_, { frag, part }) => this.#received += (part?.stats ?? frag.stats).loaded);
    hls.on(Events.ERROR, (_, { type, fatal, response, error }) => {
      if (!fatal) return;
      if (type === ErrorTypes.MEDIA_ERROR && this.#recoveries++ < MAX_RECOVERIES) return hls.recoverMediaError();
      // What the library says of the network is for those who use it.
      if (type === ErrorTypes.NETWORK_ERROR) return this.#fail(failureKind(response?.code ?? 0), "");
      this.#fail("broken", error.message);
    });
    const { signal } = this.#controller;
    this.#video.addEventListener("playing", () => this.#events.onPlaying(), { signal });
    this.#video.addEventListener("waiting", () => this.#events.onStalled(), { signal });
    for (const event of MOVES) this.#video.addEventListener(event, () => this.#endIfOver(), { signal });
    this.#video.addEventListener("timeupdate", () => this.#keepLive(hls), { signal });
    document.addEventListener("visibilitychange", () => this.#keepLive(hls), { signal });
  }

  /** A playlist that had ended before anybody watched is what is left of a stream that is not live. */
  #onPlaylist(isLive: boolean): void {
    if (!isLive && !this.#wasLive) return this.#fail("absent", "");
    this.#isOver = !isLive;
    this.#wasLive = true;
  }

  /** After the end of a live stream hls.js does not always come to the end that it expects. */
  #endIfOver(): void {
    const { currentTime, buffered, ended } = this.#video;
    if (!this.#isOver || !ended && latencyAt(currentTime, rangesOf(buffered)) > END_TOLERANCE) return;
    this.#isOver = false;
    this.#events.onEnded();
  }

  #keepLive(hls: HlsPlayer): void {
    const { paused, seeking } = this.#video;
    const { liveSyncPosition, latency, targetLatency } = hls;
    if (paused || seeking || document.hidden || liveSyncPosition === null || targetLatency === null) return;
    if (latency > targetLatency + JUMP_SECONDS) this.#video.currentTime = liveSyncPosition;
  }

  #showLevels(hls: HlsPlayer): void {
    const levels: Level[] = hls.levels.map(({ height, bitrate }, id) => ({ id, height, bitrate }));
    this.#menu.open(levels, (id) => hls.nextLevel = id ?? AUTOMATIC);
  }

  #fail(kind: FailureKind, detail: string): void {
    if (!this.#controller.signal.aborted) this.#events.onFailed({ kind, detail });
  }
}
