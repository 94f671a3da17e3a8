/// <reference lib="dom" />
import { byId } from "../shared/dom.ts";
import { Broadcast } from "./broadcast.ts";
import { LiveStatus } from "./live_status.ts";
import { addressOf, PublicationView, type PublishTarget } from "./publication_view.ts";
import { QualityForm } from "./encode/quality_form.ts";
import type { VideoFormat } from "./encode/video_encoding.ts";

/** What a page has of its own that publishes one stream. */
export interface SingleStreamHost {
  /** Names the page among what the browser keeps. */
  readonly page: string;
  /** What the stream says that it was made with. */
  readonly encoder: string;
  /** Whether there is something to publish; false when the person has been told why not. */
  isReady(): Promise<boolean>;
  /** The stream is about to begin: frames and sound are wanted from now on. */
  onBegin(format: VideoFormat): Promise<void>;
}

/** The part of a page that publishes one stream: its form, its button and what becomes of it. */
export class SingleStream {
  readonly quality: QualityForm;
  readonly #host: SingleStreamHost;
  readonly #publication: PublicationView;
  readonly #status: LiveStatus;
  #broadcast?: Broadcast;

  constructor(host: SingleStreamHost) {
    this.#host = host;
    this.#publication = new PublicationView(host.page, () => this.#toggle());
    this.#status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
    this.quality = new QualityForm(host.page);
  }

  /** Makes ready: what can be encoded is found out. */
  open(): void {
    addEventListener("pagehide", () => this.#broadcast?.[Symbol.dispose]());
    this.quality.codecs.open();
  }

  /** What is being published. */
  get broadcast(): Broadcast | undefined {
    return this.#broadcast;
  }

  /** Whether a person may go live. */
  setEnabled(isEnabled: boolean): void {
    this.#publication.setEnabled(isEnabled);
  }

  async #toggle(): Promise<void> {
    if (this.#broadcast) return this.#end();
    const target = this.#publication.read();
    if (target && await this.#host.isReady()) await this.#goLive(target);
  }

  async #goLive(target: PublishTarget): Promise<void> {
    const { format, codecs } = this.quality;
    const broadcast = new Broadcast({
      renditions: [{ url: addressOf(target), video: format }],
      sound: codecs.soundCodec,
      framesPerSecond: format.framesPerSecond,
      metadata: { encoder: this.#host.encoder, framerate: format.framesPerSecond },
    }, {
      onChange: () => this.#onChange(),
      onFailed: (words) => this.#end(words),
    });
    this.#broadcast = broadcast;
    this.#setOn(true);
    this.#status.follow(broadcast, [target.path]);
    try {
      await this.#host.onBegin(format);
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
    this.quality.codecs.setEnabled(!isOn);
  }
}
