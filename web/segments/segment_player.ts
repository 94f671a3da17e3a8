/// <reference lib="dom" />
import { SourceError } from "../player/byte_source.ts";
import { type ConnectionEvents, type FailureKind, failureKind } from "../player/connection.ts";
import { rangesOf } from "../player/live_edge.ts";
import { play } from "../player/play_video.ts";
import type { LiveIndex, LiveSource } from "../../media/mp4/live_index.ts";
import { spanOf } from "./segment_places.ts";
import { catchUp, startPosition } from "./segment_plan.ts";
import { SourceFeed } from "./source_feed.ts";

/** How long a player with nothing to do waits at most before it looks again, in milliseconds. */
const IDLE_MS = 250;

/** So far from the end, in seconds, it is enough to look how the session grows so often, in milliseconds: indexes of days are long. */
const FAR_SECONDS = 60;
const FAR_LOOK_MS = 10_000;

/** A picture that stands before a hole goes on behind it, this much inside, in seconds. */
const INSIDE = 0.01;

/** What to play. */
export interface SegmentRequest {
  /** The folder that index and segments are in, `/` at its end. */
  readonly folder: string;
  /** What is sent along to the server, for keys and tokens. */
  readonly query: string;
  readonly from: "beginning" | "live";
}

/** Plays the segments of a stream's session, live or ended, on a video element until it is disposed. */
export class SegmentPlayer implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #request: SegmentRequest;
  readonly #events: ConnectionEvents;
  readonly #controller = new AbortController();
  readonly #media: MediaSource;
  readonly #url: string;
  #feeds: readonly SourceFeed[] = [];
  #index?: LiveIndex;
  #lookedAt = 0;
  #received = 0;
  #segments = 0;
  #wake: () => void = () => {};

  constructor(video: HTMLVideoElement, request: SegmentRequest, events: ConnectionEvents) {
    this.#video = video;
    this.#request = request;
    this.#events = events;
    const { ManagedMediaSource = MediaSource } = globalThis as unknown as { ManagedMediaSource?: typeof MediaSource };
    // Managed media sources want to be the only way to play (ManagedMediaSource, 3).
    video.disableRemotePlayback = ManagedMediaSource !== MediaSource;
    this.#media = new ManagedMediaSource();
    this.#url = URL.createObjectURL(this.#media);
    this.#listen();
    this.#run().catch((error) => this.#onError(error));
  }

  /** What is known of the session; undefined before anything is. */
  get index(): LiveIndex | undefined {
    return this.#index;
  }

  /** How many bytes of segments have come. */
  get received(): number {
    return this.#received;
  }

  /** How many segments have come. */
  get segments(): number {
    return this.#segments;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#wake();
    URL.revokeObjectURL(this.#url);
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #listen(): void {
    const { signal } = this.#controller;
    const on = (event: string, act: () => void) => this.#video.addEventListener(event, act, { signal });
    on("playing", () => this.#events.onPlaying());
    on("waiting", () => this.#events.onStalled());
    on("ended", () => this.#events.onEnded());
    on("error", () => this.#fail("broken", this.#video.error?.message ?? ""));
    on("seeking", () => {
      for (const feed of this.#feeds) feed.recheck(this.#sourceOf(feed));
      this.#wake();
    });
    on("timeupdate", () => this.#wake());
    document.addEventListener("visibilitychange", () => this.#wake(), { signal });
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller;
    let span = await this.#look();
    for (; !span && !signal.aborted; span = await this.#look()) await this.#idle();
    if (signal.aborted || !span || !await this.#open()) return;
    const { from } = this.#request;
    this.#video.currentTime = startPosition(from, span, this.#index!.segmentSeconds);
    play(this.#video);
    while (!signal.aborted) {
      await this.#lookNowAndThen();
      const position = this.#video.currentTime;
      const moves = await Promise.all(this.#feeds.map((feed) => feed.step(this.#sourceOf(feed), position)));
      if (signal.aborted) return;
      this.#tidy();
      if (!moves.includes(true)) await this.#idle();
    }
  }

  /** Opens the media source with a buffer for each source; false when the browser cannot play one of them. */
  async #open(): Promise<boolean> {
    const { sources } = this.#index!;
    const lacking = sources.find(({ inits }) => !classOf(this.#media).isTypeSupported(inits[0].type));
    if (lacking) {
      this.#fail("unplayable", /codecs="([^"]*)"/.exec(lacking.inits[0].type)?.[1] ?? lacking.inits[0].type);
      return false;
    }
    const opened = new Promise((resolve) => this.#media.addEventListener("sourceopen", resolve, { once: true }));
    this.#video.src = this.#url;
    await opened;
    this.#feeds = sources.map((source) => new SourceFeed(this.#media, source, (uri) => this.#segment(uri)));
    return !this.#controller.signal.aborted;
  }

  async #lookNowAndThen(): Promise<void> {
    const { state, segmentSeconds, session } = this.#index!;
    const isFar = (spanOf(this.#index!)?.end ?? 0) - this.#video.currentTime > FAR_SECONDS;
    const patience = isFar ? FAR_LOOK_MS : segmentSeconds * 500;
    if (state === "ended" || performance.now() - this.#lookedAt < patience) return;
    await this.#look();
    if (this.#index!.session !== session) throw new SourceError(404, "Another session has begun");
  }

  async #look(): Promise<ReturnType<typeof spanOf>> {
    this.#lookedAt = performance.now();
    this.#index = await (await this.#get("index.json")).json() as LiveIndex;
    return spanOf(this.#index);
  }

  async #segment(uri: string): Promise<ArrayBuffer> {
    const bytes = await (await this.#get(uri)).arrayBuffer();
    this.#received += bytes.byteLength;
    this.#segments++;
    return bytes;
  }

  async #get(name: string): Promise<Response> {
    const { folder, query } = this.#request;
    const response = await fetch(folder + name + query, { signal: this.#controller.signal });
    if (!response.ok) throw new SourceError(response.status, response.statusText);
    return response;
  }

  /** What is to be done when no buffer is being written to. */
  #tidy(): void {
    const index = this.#index!;
    const span = spanOf(index);
    if (!span || this.#media.readyState === "closed" || this.#feeds.some(({ isUpdating }) => isUpdating)) return;
    const isWhole = index.state === "ended" && this.#feeds.every((feed) => feed.hasLast(this.#sourceOf(feed)));
    if (this.#media.readyState === "open") {
      if (isWhole) this.#media.endOfStream();
      else if (!(this.#media.duration >= span.end)) this.#media.duration = span.end;
    }
    this.#move(span);
  }

  /** Over holes, and to the live edge for who follows it. */
  #move(span: { start: number; end: number }): void {
    const { currentTime, seeking, paused, ended } = this.#video;
    if (ended || paused) return;
    const { from } = this.#request;
    const { state, segmentSeconds } = this.#index!;
    const target = from === "live" && state === "live" && !seeking
      ? catchUp(currentTime, span, segmentSeconds)
      : undefined;
    const ranges = rangesOf(this.#video.buffered);
    const isInside = ranges.some(({ start, end }) => start <= currentTime && currentTime < end - INSIDE);
    const next = isInside ? undefined : ranges.find(({ start }) => start > currentTime);
    if (target !== undefined) this.#video.currentTime = target;
    else if (next) this.#video.currentTime = next.start + INSIDE;
  }

  #sourceOf({ name }: SourceFeed): LiveSource {
    return this.#index!.sources.find((source) => source.name === name) ?? { name, inits: [], segments: [] };
  }

  /** Waits until something may have changed. */
  async #idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, IDLE_MS);
    await promise;
    clearTimeout(timer);
  }

  #onError(error: Error): void {
    if (error instanceof SourceError) this.#fail(failureKind(error.code), error.message);
    else this.#fail(error.name === "TypeError" && /fetch/i.test(error.message) ? "lost" : "broken", error.message);
  }

  #fail(kind: FailureKind, detail: string): void {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort();
    this.#events.onFailed({ kind, detail });
  }
}

/** The class of a media source, of whichever kind it is. */
function classOf(media: MediaSource): typeof MediaSource {
  return media.constructor as typeof MediaSource;
}
