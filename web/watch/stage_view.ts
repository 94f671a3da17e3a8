/// <reference lib="dom" />
import { byId, showText } from "../shared/dom.ts";
import type { PlayerStatus } from "../player/live_player.ts";
import { describe } from "../player/player_words.ts";
import type { Words } from "../shared/words.ts";

/** What the screen is to show. */
export interface Stage {
  readonly words: Words;
  /** What is on, for the title. */
  readonly name: string;
  /** Whether the picture moves, as far as is known with sound and with a picture at all. */
  readonly isPlaying: boolean;
  readonly hasSound: boolean;
  readonly hasPicture: boolean;
}

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

  /** Shows where a player of live streams is. */
  showStatus(status: PlayerStatus): void {
    this.show({
      words: describe(status),
      name: status.path ?? "Live",
      isPlaying: status.phase === "playing",
      // Also while it is not known.
      hasSound: status.stream?.audio !== null,
      hasPicture: status.stream?.video !== null,
    });
  }

  show({ words, name, isPlaying, hasSound, hasPicture }: Stage): void {
    this.#notice.hidden = !words.title;
    showText(this.#title, words.title);
    showText(this.#detail, words.detail);
    showText(this.#action, words.action);
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#name, name);
    this.video.controls = !words.title;
    this.#screen.classList.toggle("sound-only", !hasPicture);
    this.#unmute.hidden = !isPlaying || !this.video.muted || this.#hasHadSound || !hasSound;
    document.title = `${name} · Sluice`;
  }
}
