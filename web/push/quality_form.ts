/// <reference lib="dom" />
import { codecName } from "../codec_names.ts";
import { byId, make, showText } from "../dom.ts";
import type { VideoCodecName } from "./codec_choice.ts";
import { keepField } from "./keep_field.ts";
import { suggestedBitrate } from "./picture_size.ts";
import type { SoundCodec } from "./sound_encoding.ts";
import { findCodecs, type VideoFormat } from "./video_encoding.ts";

/** Pictures are proposed a bit rate as if they were wide. */
const ASPECT = 16 / 9;

/** The choice of size, frame rate, codecs and bit rate. */
export class QualityForm {
  readonly #fields = byId("quality", HTMLFieldSetElement);
  readonly #shortSide = byId("short-side", HTMLSelectElement);
  readonly #frameRate = byId("frame-rate", HTMLSelectElement);
  readonly #videoCodec = byId("video-codec", HTMLSelectElement);
  readonly #soundCodec = byId("sound-codec", HTMLSelectElement);
  readonly #bitrate = byId("bitrate", HTMLInputElement);
  readonly #note = byId("codec-note", HTMLElement);

  /** `page` names the page among what the browser keeps. */
  constructor(page: string) {
    for (const field of [this.#shortSide, this.#frameRate, this.#soundCodec, this.#bitrate]) {
      keepField(field, `${page}:${field.id}`);
    }
    for (const field of [this.#shortSide, this.#frameRate]) field.addEventListener("change", () => this.#findCodecs());
    this.#videoCodec.addEventListener("change", () => this.#showBitrate());
  }

  /** Finds out what this browser encodes; the form is complete after that. */
  async open(page: string): Promise<void> {
    await this.#findCodecs();
    keepField(this.#videoCodec, `${page}:video-codec`);
    this.#showBitrate();
  }

  get shortSide(): number {
    return Number(this.#shortSide.value);
  }

  get framesPerSecond(): number {
    return Number(this.#frameRate.value);
  }

  get soundCodec(): SoundCodec {
    return this.#soundCodec.value as SoundCodec;
  }

  /** What the video encoder is to make. */
  get format(): VideoFormat {
    const { shortSide, framesPerSecond } = this;
    const codec = this.#videoCodec.value as VideoCodecName;
    const chosen = Number(this.#bitrate.value) * 1000;
    return { codec, shortSide, framesPerSecond, bitrate: chosen >= 100_000 ? chosen : this.#suggested() };
  }

  /** While it is live nothing of this can be changed. */
  setEnabled(isEnabled: boolean): void {
    this.#fields.disabled = !isEnabled;
  }

  async #findCodecs(): Promise<void> {
    const { shortSide, framesPerSecond } = this;
    const size = { width: Math.round(shortSide * ASPECT), height: shortSide };
    const codecs = await findCodecs({ shortSide, framesPerSecond, bitrate: this.#suggested() }, size);
    const before = this.#videoCodec.value;
    this.#videoCodec.replaceChildren(
      ...codecs.map((codec) => make("option", { value: codec, textContent: codecName(codec) })),
    );
    if (codecs.some((codec) => codec === before)) this.#videoCodec.value = before;
    showText(this.#note, codecs.length ? undefined : "This browser encodes no video of this size.");
    this.#showBitrate();
  }

  #showBitrate(): void {
    this.#bitrate.placeholder = `automatic: ${this.#suggested() / 1000}`;
  }

  #suggested(): number {
    const { shortSide, framesPerSecond } = this;
    const size = { width: Math.round(shortSide * ASPECT), height: shortSide };
    return suggestedBitrate(size, framesPerSecond, this.#videoCodec.value);
  }
}
