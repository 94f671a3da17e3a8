/// <reference lib="dom" />
import { byId, showText } from "../dom.ts";
import { Broadcast } from "./broadcast.ts";
import type { CaptureChoice } from "./capture.ts";
import { LiveStatus } from "./live_status.ts";
import { addressOf, PublicationView, type PublishTarget } from "./publication_view.ts";
import { captureFault, publishObstacle } from "./push_words.ts";
import { QualityForm } from "./quality_form.ts";
import { SourceForm } from "./source_form.ts";
import { Sources } from "./sources.ts";

/** How often the level meter moves, in milliseconds. */
const LEVEL_MS = 100;

/** The quietest that the level meter shows, in decibels. */
const SILENCE = -60;

/** The page that publishes a screen, a camera and a microphone. */
export class PushPage {
  readonly #preview = byId("preview", HTMLVideoElement);
  readonly #level = byId("level", HTMLMeterElement);
  readonly #publication = new PublicationView("push", () => this.#toggle());
  readonly #status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
  readonly #quality = new QualityForm("push");
  readonly #form = new SourceForm(() => this.#onChoice());
  #sources?: Sources;
  #broadcast?: Broadcast;
  #isBusy = false;

  constructor() {
    const obstacle = publishObstacle(globalThis);
    if (obstacle) this.#showObstacle(obstacle);
    else this.#begin();
  }

  #begin(): void {
    byId("notice-action", HTMLButtonElement).addEventListener("click", () => this.#capture());
    for (const field of [this.#form.microphoneVolume, this.#form.screenVolume]) {
      field.addEventListener("input", () => this.#setVolumes());
    }
    addEventListener("pagehide", () => this.#broadcast?.[Symbol.dispose]());
    setInterval(() => this.#showLevel(), LEVEL_MS);
    this.#quality.open("push");
    this.#form.listDevices();
  }

  async #toggle(): Promise<void> {
    if (this.#broadcast) return this.#end();
    const target = this.#publication.read();
    if (!target || this.#isBusy) return;
    if (!this.#sources && !await this.#capture()) return;
    await this.#goLive(target);
  }

  async #goLive(target: PublishTarget): Promise<void> {
    const { format, soundCodec, framesPerSecond } = this.#quality;
    const { picture, withMicrophone, withScreenSound } = this.#form.choice;
    const broadcast = new Broadcast({
      renditions: [{ url: addressOf(target), video: picture === "none" ? undefined : format }],
      sound: withMicrophone || withScreenSound && picture === "screen" ? soundCodec : undefined,
      framesPerSecond,
      metadata: { encoder: "Sluice push page", framerate: framesPerSecond },
    }, {
      onChange: () => this.#status.show(),
      onFailed: (words) => this.#end(words),
    });
    this.#broadcast = broadcast;
    this.#setOn(true);
    this.#status.follow(broadcast, [target.path]);
    try {
      await broadcast.start();
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #end(words?: string): void {
    this.#broadcast?.[Symbol.dispose]();
    this.#broadcast = undefined;
    this.#setOn(false);
    this.#status.unfollow(words);
  }

  #setOn(isOn: boolean): void {
    this.#publication.setOn(isOn);
    this.#quality.setEnabled(!isOn);
  }

  /** Captures what is chosen; false, and the person is told why, when it is not given. */
  async #capture(): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.#publication.setEnabled(false);
    try {
      await this.#openSources();
      this.#showPreview();
      this.#form.listDevices();
      return true;
    } catch (error) {
      this.#showNotice("No picture yet", captureFault(error), "Try again");
      return false;
    } finally {
      this.#isBusy = false;
      this.#publication.setEnabled(true);
    }
  }

  async #openSources(): Promise<void> {
    const choice = this.#choice;
    if (this.#sources) await this.#sources.exchange(choice);
    else {
      this.#sources = await Sources.open(choice, {
        onFrame: (frame) => this.#broadcast ? this.#broadcast.frame(frame) : frame.close(),
        onBlock: (block) => this.#broadcast?.block(block),
        onEnded: () => this.#onEnded(),
      });
    }
    this.#broadcast?.restartPicture();
    this.#setVolumes();
  }

  get #choice(): CaptureChoice {
    const { shortSide, framesPerSecond } = this.#quality;
    return { ...this.#form.choice, shortSide, framesPerSecond };
  }

  /** Something else was chosen: what is shown or published already is exchanged at once. */
  #onChoice(): void {
    if (this.#sources) this.#capture();
  }

  #onEnded(): void {
    const rest = this.#broadcast ? "Viewers see the last picture. " : "";
    this.#showNotice("The source has ended", `${rest}Choose another, or the same again.`, "Choose again");
  }

  #showPreview(): void {
    const { picture } = this.#form.choice;
    this.#preview.srcObject = this.#sources?.picture ?? null;
    byId("screen", HTMLElement).classList.toggle("sound-only", picture === "none");
    byId("notice", HTMLElement).hidden = true;
  }

  #showNotice(title: string, detail: string, action: string | undefined): void {
    showText(byId("notice-title", HTMLElement), title);
    showText(byId("notice-detail", HTMLElement), detail);
    showText(byId("notice-action", HTMLElement), action);
    byId("notice", HTMLElement).hidden = false;
  }

  #showObstacle({ title, detail }: { title: string; detail: string }): void {
    this.#showNotice(title, detail, undefined);
    this.#publication.setEnabled(false);
  }

  #setVolumes(): void {
    const { microphoneVolume, screenVolume } = this.#form;
    this.#sources?.setVolumes({ microphone: Number(microphoneVolume.value), screen: Number(screenVolume.value) });
  }

  #showLevel(): void {
    const peak = Math.max(SILENCE, this.#sources?.takePeak() ?? SILENCE);
    this.#level.value = peak;
    this.#level.textContent = peak > SILENCE ? `${Math.round(peak)} dB` : "silent";
  }
}
