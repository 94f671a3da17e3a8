/// <reference lib="dom" />
import { loadMpegts, type MpegtsPlayer } from "../player/mpegts_library.ts";
import { play } from "../player/play_video.ts";
import type { RecordingKind } from "./recording.ts";

/** Why a recording is not played. */
export type FileFailure = "gone" | "refused" | "unplayable" | "lost";

/** Plays a file on a video element until it is disposed: MP4 by itself, FLV by mpegts.js, both with seeking. */
export class FilePlayer implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #url: string;
  readonly #onFailed: (failure: FileFailure, detail: string) => void;
  readonly #controller = new AbortController();
  #player?: MpegtsPlayer;

  constructor(
    video: HTMLVideoElement,
    kind: RecordingKind,
    url: string,
    onFailed: (failure: FileFailure, detail: string) => void,
  ) {
    this.#video = video;
    this.#url = url;
    this.#onFailed = onFailed;
    const { signal } = this.#controller;
    video.addEventListener("error", () => this.#explain(video.error?.message ?? ""), { signal });
    if (kind === "mp4") this.#playSource();
    else this.#playFlv();
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
    if (this.#player) this.#player.destroy();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #playSource(): void {
    this.#video.src = this.#url;
    play(this.#video);
  }

  async #playFlv(): Promise<void> {
    const { signal } = this.#controller;
    try {
      const mpegts = await loadMpegts();
      if (signal.aborted) return;
      if (!mpegts.isSupported()) return this.#onFailed("unplayable", "");
      const source = { type: "flv", isLive: false, url: this.#url };
      const player = mpegts.createPlayer(source, { autoCleanupSourceBuffer: true });
      this.#player = player;
      player.on(mpegts.Events.ERROR, (_type: string, _detail: string, { msg }: { msg: string }) => this.#explain(msg));
      player.attachMediaElement(this.#video);
      player.load();
      play(this.#video);
    } catch (error) {
      if (!signal.aborted) this.#onFailed("lost", (error as Error).message);
    }
  }

  /** Neither the element nor the library says why: what the server says of the file does. */
  async #explain(detail: string): Promise<void> {
    const { signal } = this.#controller;
    try {
      const { status } = await fetch(this.#url, { method: "HEAD", signal, cache: "no-store" });
      if (!signal.aborted) this.#onFailed(failureOf(status), detail);
    } catch {
      if (!signal.aborted) this.#onFailed("lost", detail);
    }
  }
}

function failureOf(status: number): FileFailure {
  if (status === 401 || status === 403) return "refused";
  return status === 404 ? "gone" : "unplayable";
}
