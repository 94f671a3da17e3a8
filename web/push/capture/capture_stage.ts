/// <reference lib="dom" />
import { byId } from "../../shared/dom.ts";
import type { Broadcast } from "../broadcast.ts";
import type { CaptureChoice } from "./capture.ts";
import { isSteadyInBackground } from "./frame_source.ts";
import { showLevel } from "./level_view.ts";
import { captureFault, publishObstacle } from "../push_words.ts";
import { SourceForm } from "./source_form.ts";
import { Sources } from "./sources.ts";
import { StageNotice } from "./stage_notice.ts";

/** What the part of a page that captures needs of the rest. */
export interface CaptureHost {
  /** How large and how often the picture is wanted. */
  limits(): Pick<CaptureChoice, "shortSide" | "framesPerSecond">;
  /** What is being published. */
  broadcast(): Broadcast | undefined;
  /** Whether a person may go live. */
  setEnabled(isEnabled: boolean): void;
}

/** The choice of screen, camera and microphone, and the preview of what was chosen. */
export class CaptureStage {
  readonly #host: CaptureHost;
  readonly #preview = byId("preview", HTMLVideoElement);
  readonly #notice = new StageNotice(() => this.capture());
  readonly #form = new SourceForm(() => this.#onChoice());
  #sources?: Sources;
  #isBusy = false;

  constructor(host: CaptureHost) {
    this.#host = host;
  }

  /** Makes ready; false, and the person is told why, where this page is of no use. */
  begin(): boolean {
    const obstacle = publishObstacle(globalThis);
    if (obstacle) {
      this.#notice.showObstacle(obstacle);
      this.#host.setEnabled(false);
      return false;
    }
    for (const field of [this.#form.microphoneVolume, this.#form.screenVolume]) {
      field.addEventListener("input", () => this.#setVolumes());
    }
    showLevel(() => this.#sources?.takePeak());
    this.#form.listDevices();
    byId("background-note", HTMLElement).hidden = isSteadyInBackground();
    return true;
  }

  /** Whether something is captured. */
  get isOpen(): boolean {
    return this.#sources !== undefined;
  }

  /** Captures what is chosen; false, and the person is told why, when it is not given. */
  async capture(): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.#host.setEnabled(false);
    try {
      await this.#openSources();
      this.#showPreview();
      this.#form.listDevices();
      return true;
    } catch (error) {
      this.#notice.show("No picture yet", captureFault(error), "Try again");
      return false;
    } finally {
      this.#isBusy = false;
      this.#host.setEnabled(true);
    }
  }

  async #openSources(): Promise<void> {
    const choice = { ...this.#form.choice, ...this.#host.limits() };
    if (this.#sources) await this.#sources.exchange(choice);
    else {
      this.#sources = await Sources.open(choice, {
        onFrame: (frame) => {
          const broadcast = this.#host.broadcast();
          if (broadcast) broadcast.frame(frame);
          else frame.close();
        },
        onBlock: (block) => this.#host.broadcast()?.block(block),
        onEnded: () => this.#onEnded(),
      });
    }
    this.#host.broadcast()?.restartPicture();
    this.#setVolumes();
  }

  /** Something else was chosen: what is shown or published already is exchanged at once. */
  #onChoice(): void {
    if (this.#sources) this.capture();
  }

  #onEnded(): void {
    const rest = this.#host.broadcast() ? "Viewers see the last picture. " : "";
    this.#notice.show("The source has ended", `${rest}Choose another, or the same again.`, "Choose again");
  }

  #showPreview(): void {
    this.#preview.srcObject = this.#sources?.picture ?? null;
    byId("screen", HTMLElement).classList.toggle("sound-only", !this.#sources?.picture);
    this.#notice.hide();
  }

  #setVolumes(): void {
    const { microphoneVolume, screenVolume } = this.#form;
    this.#sources?.setVolumes({ microphone: Number(microphoneVolume.value), screen: Number(screenVolume.value) });
  }
}
