/// <reference lib="dom" />
import { byId } from "../dom.ts";
import { Broadcast } from "./broadcast.ts";
import { CaptureStage } from "./capture_stage.ts";
import { LiveStatus } from "./live_status.ts";
import { addressOf, PublicationView, type PublishTarget } from "./publication_view.ts";
import { QualityForm } from "./quality_form.ts";

/** The page that publishes a screen, a camera and a microphone. */
export class PushPage {
  readonly #publication = new PublicationView("push", () => this.#toggle());
  readonly #status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
  readonly #quality = new QualityForm("push");
  readonly #stage = new CaptureStage({
    limits: () => ({ shortSide: this.#quality.shortSide, framesPerSecond: this.#quality.codecs.framesPerSecond }),
    broadcast: () => this.#broadcast,
    setEnabled: (isEnabled) => this.#publication.setEnabled(isEnabled),
  });
  #broadcast?: Broadcast;

  constructor() {
    if (!this.#stage.begin()) return;
    addEventListener("pagehide", () => this.#broadcast?.[Symbol.dispose]());
    this.#quality.codecs.open();
  }

  async #toggle(): Promise<void> {
    if (this.#broadcast) return this.#end();
    const target = this.#publication.read();
    if (target && (this.#stage.isOpen || await this.#stage.capture())) await this.#goLive(target);
  }

  async #goLive(target: PublishTarget): Promise<void> {
    const { format, codecs } = this.#quality;
    const broadcast = new Broadcast({
      renditions: [{ url: addressOf(target), video: format }],
      sound: codecs.soundCodec,
      framesPerSecond: format.framesPerSecond,
      metadata: { encoder: "Sluice push page", framerate: format.framesPerSecond },
    }, {
      onChange: () => this.#onChange(),
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

  /** What is refused can be mended at once, and tried again. */
  #onChange(): void {
    const [{ phase, words }] = this.#broadcast!.statuses;
    if (phase === "refused") this.#end(words, "Refused");
    else this.#status.show();
  }

  #end(words?: string, label?: string): void {
    this.#broadcast?.[Symbol.dispose]();
    this.#broadcast = undefined;
    this.#setOn(false);
    this.#status.unfollow(words, label);
  }

  #setOn(isOn: boolean): void {
    this.#publication.setOn(isOn);
    this.#quality.codecs.setEnabled(!isOn);
  }
}
