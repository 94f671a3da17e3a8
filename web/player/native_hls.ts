/// <reference lib="dom" />
import { type Connect, type Connection, type ConnectionEvents, type FailureKind, failureKind } from "./connection.ts";
import { play } from "./play_video.ts";

/** Plays HLS by the video element itself, as Apple's devices can. */
export function connectNatively(video: HTMLVideoElement): Connect {
  return ({ url }, events) => new NativeHls(video, url, events);
}

class NativeHls implements Connection {
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #events: ConnectionEvents;
  readonly #controller = new AbortController();

  constructor(video: HTMLVideoElement, url: string, events: ConnectionEvents) {
    this.#video = video;
    this.#url = url;
    this.#events = events;
    const { signal } = this.#controller;
    video.addEventListener("playing", () => events.onPlaying(), { signal });
    video.addEventListener("waiting", () => events.onStalled(), { signal });
    video.addEventListener("ended", () => events.onEnded(), { signal });
    video.addEventListener("error", () => this.#explain(), { signal });
    video.src = url;
    play(video);
  }

  /** By the date that the playlist gives what is shown, where the browser tells it. */
  get latency(): number | undefined {
    const { getStartDate } = this.#video as HTMLVideoElement & { getStartDate?: () => Date };
    const start = getStartDate?.call(this.#video).getTime();
    if (start === undefined || Number.isNaN(start)) return undefined;
    return Math.max(0, (Date.now() - start) / 1000 - this.#video.currentTime);
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** The element does not say why it has failed: what the server says of the playlist does. */
  async #explain(): Promise<void> {
    const { signal } = this.#controller;
    const detail = this.#video.error?.message ?? "";
    try {
      const { ok, status } = await fetch(this.#url, { signal, cache: "no-store" });
      this.#fail(ok ? "broken" : failureKind(status), detail);
    } catch {
      this.#fail("lost", detail);
    }
  }

  #fail(kind: FailureKind, detail: string): void {
    if (!this.#controller.signal.aborted) this.#events.onFailed({ kind, detail });
  }
}
