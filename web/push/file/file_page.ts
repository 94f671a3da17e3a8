/// <reference lib="dom" />
import { byId, showText } from "../../shared/dom.ts";
import { duration } from "../../shared/facts.ts";
import { FactsList } from "../../shared/facts_list.ts";
import { FilePublisher } from "./file_publisher.ts";
import { isFlv, openFlvFile } from "./flv_file.ts";
import { keepField } from "../keep_field.ts";
import { loadLibrary } from "../library.ts";
import { LiveStatus } from "../live_status.ts";
import type { MediaFile } from "./media_file.ts";
import { addressOf, PublicationView } from "../publication_view.ts";
import { bytesText } from "../upload/upload_facts.ts";

/** How often the position is renewed, in milliseconds. */
const POSITION_MS = 500;

/** How far the preview may be from what is sent, in seconds. */
const MAX_APART = 1;

/** The page that publishes a local file. */
export class FilePage {
  readonly #input = byId("file", HTMLInputElement);
  readonly #loop = byId("loop", HTMLInputElement);
  readonly #preview = byId("preview", HTMLVideoElement);
  readonly #notice = byId("notice", HTMLElement);
  readonly #facts = new FactsList(byId("file-facts", HTMLElement));
  readonly #faults = byId("file-faults", HTMLElement);
  readonly #progress = byId("progress", HTMLProgressElement);
  readonly #publication = new PublicationView("file", () => this.#toggle());
  readonly #status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
  #file?: MediaFile;
  #publisher?: FilePublisher;

  constructor() {
    this.#publication.setEnabled(false);
    keepField(this.#loop, "file:loop");
    this.#input.addEventListener("change", () => this.#choose(this.#input.files?.[0]));
    byId("notice-action", HTMLButtonElement).addEventListener("click", () => this.#input.click());
    this.#loop.addEventListener("change", () => {
      if (this.#publisher) this.#publisher.isLoop = this.#loop.checked;
    });
    this.#preview.addEventListener("loadeddata", () => this.#notice.hidden = this.#preview.videoWidth > 0);
    this.#acceptDrops(byId("screen", HTMLElement));
    addEventListener("pagehide", () => this.#publisher?.[Symbol.dispose]());
    setInterval(() => this.#showPosition(), POSITION_MS);
  }

  #acceptDrops(screen: HTMLElement): void {
    const mark = (isOver: boolean) => (event: DragEvent) => {
      event.preventDefault();
      screen.classList.toggle("dragging", isOver);
    };
    screen.addEventListener("dragover", mark(true));
    screen.addEventListener("dragleave", mark(false));
    screen.addEventListener("drop", (event) => {
      mark(false)(event);
      this.#choose(event.dataTransfer?.files[0]);
    });
  }

  async #choose(file: File | undefined): Promise<void> {
    if (!file || this.#publisher) return;
    this.#file = undefined;
    this.#publication.setEnabled(false);
    this.#showNotice(file.name, "Reading…");
    URL.revokeObjectURL(this.#preview.src);
    this.#preview.src = URL.createObjectURL(file);
    try {
      this.#show(file, await openFile(file));
    } catch (error) {
      this.#facts.hide();
      showText(this.#faults, `${file.name} cannot be read: ${(error as Error).message}`);
      this.#showNotice("This file cannot be read", "MP4, MKV, WebM, TS and FLV can.");
    }
  }

  #show(file: File, opened: MediaFile): void {
    const { format, tracks, faults } = opened;
    const canPublish = tracks.length > 0;
    this.#facts.show([
      ["Name", file.name],
      ["Format", format],
      ["Length", opened.duration === undefined ? "not known" : duration(opened.duration * 1000)],
      ["Size", bytesText(file.size)],
      ["Codecs", tracks.map(({ codec }) => codec).join(" · ") || "none"],
    ]);
    const rest = canPublish && faults.length ? "; the rest is published" : "";
    showText(this.#faults, faults.length ? `${faults.join(". ")}${rest}.` : undefined);
    this.#showNotice(file.name, canPublish ? "Ready. This browser shows no picture of it." : "It cannot be published.");
    this.#notice.hidden = this.#preview.videoWidth > 0;
    this.#file = canPublish ? opened : undefined;
    this.#publication.setEnabled(canPublish);
  }

  async #toggle(): Promise<void> {
    if (this.#publisher) return this.#end();
    const target = this.#publication.read();
    if (!target || !this.#file) return;
    const publisher = new FilePublisher(this.#file, addressOf(target), this.#loop.checked, {
      onChange: () => this.#onChange(),
      onEnd: (words) => this.#end(words),
    });
    this.#publisher = publisher;
    this.#setOn(true);
    this.#status.follow(publisher, [target.path]);
    await publisher.start();
  }

  /** What is refused can be mended at once, and tried again. */
  #onChange(): void {
    const [{ phase, words }] = this.#publisher!.statuses;
    if (phase === "refused") this.#end(words, "Refused");
    else this.#status.show();
  }

  #end(words?: string, label?: string): void {
    this.#publisher?.[Symbol.dispose]();
    this.#publisher = undefined;
    this.#setOn(false);
    this.#status.unfollow(words, label);
  }

  #setOn(isOn: boolean): void {
    this.#publication.setOn(isOn);
    this.#input.disabled = isOn;
    byId("progress-field", HTMLElement).hidden = !isOn;
    if (isOn) this.#preview.play().catch(() => {});
    else this.#preview.pause();
  }

  #showPosition(): void {
    if (!this.#publisher) return;
    const { position, round, statuses: [{ phase }] } = this.#publisher;
    const whole = this.#file?.duration;
    const of = whole === undefined ? "" : ` of ${duration(whole * 1000)}`;
    showText(byId("position", HTMLElement), `${duration(position * 1000)}${of}, round ${round}`);
    if (whole) this.#progress.value = position / whole;
    else this.#progress.removeAttribute("value");
    if (phase !== "open") this.#preview.pause();
    else if (this.#preview.paused) this.#preview.play().catch(() => {});
    if (Math.abs(this.#preview.currentTime - position) > MAX_APART) this.#preview.currentTime = position;
  }

  #showNotice(title: string, detail: string): void {
    showText(byId("notice-title", HTMLElement), title);
    showText(byId("notice-detail", HTMLElement), detail);
    this.#notice.hidden = false;
  }
}

/** Opens a file by what it begins with; the reader of all formats but FLV is loaded when it is needed. */
async function openFile(file: File): Promise<MediaFile> {
  if (await isFlv(file)) return await openFlvFile(file);
  const { openMediaFile } = await loadLibrary<typeof import("../../push_file_library.ts")>("files");
  return await openMediaFile(file);
}
