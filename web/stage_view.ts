/// <reference lib="dom" />
import { byId, showText } from "./dom.ts";
import type { PlayerStatus } from "./live_player.ts";
import { describe } from "./words.ts";

/** The screen: the video, what is said over it, its name and its badge. */
export class StageView {
  readonly video = byId("video", HTMLVideoElement);
  readonly #screen = byId("screen", HTMLElement);
  readonly #notice = byId("notice", HTMLElement);
  readonly #title = byId("notice-title", HTMLElement);
  readonly #detail = byId("notice-detail", HTMLElement);
  readonly #action = byId("notice-action", HTMLButtonElement);
  readonly #unmute = byId("unmute", HTMLButtonElement);
  readonly #name = byId("stream-name", HTMLElement);
  readonly #badge = byId("badge", HTMLElement);
  #hasHadSound = false;

  /** `onAction` is called when the viewer takes up what the notice offers. */
  constructor(onAction: () => void) {
    this.#action.addEventListener("click", onAction);
    this.#unmute.addEventListener("click", () => {
      this.video.muted = false;
      this.video.focus();
    });
    this.video.addEventListener("volumechange", () => {
      if (this.video.muted) return;
      this.#hasHadSound = true;
      this.#unmute.hidden = true;
    });
  }

  show(status: PlayerStatus): void {
    const words = describe(status);
    this.#notice.hidden = !words.title;
    showText(this.#title, words.title);
    showText(this.#detail, words.detail);
    showText(this.#action, words.action);
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#name, status.path ?? "Live");
    this.video.controls = !words.title;
    this.#screen.classList.toggle("sound-only", status.stream?.video === null);
    this.#unmute.hidden = status.phase !== "playing" || !this.video.muted || this.#hasHadSound || !hasSound(status);
    document.title = `${status.path ?? "Live"} · Sluice`;
  }
}

/** Also true while it is not known. */
function hasSound({ stream }: PlayerStatus): boolean {
  return !stream || stream.audio !== null;
}
