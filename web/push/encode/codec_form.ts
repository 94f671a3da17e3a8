/// <reference lib="dom" />
import { codecName } from "../../shared/codec_names.ts";
import { byId, make, showText } from "../../shared/dom.ts";
import type { VideoCodecName } from "./codec_choice.ts";
import { keepField } from "../keep_field.ts";
import { suggestedBitrate, wideSize } from "./picture_size.ts";
import type { SoundCodec } from "./sound_encoding.ts";
import { findCodecs } from "./video_encoding.ts";

/** The choice of frame rate and codecs. */
export class CodecForm {
  readonly #page: string;
  readonly #shortSide: () => number;
  readonly #fields = byId("quality", HTMLFieldSetElement);
  readonly #frameRate = byId("frame-rate", HTMLSelectElement);
  readonly #videoCodec = byId("video-codec", HTMLSelectElement);
  readonly #soundCodec = byId("sound-codec", HTMLSelectElement);
  /** Called when something else is chosen, or can be. */
  onChange?: () => void;

  /** `page` names the page among what the browser keeps; `shortSide` says how large the largest picture is. */
  constructor(page: string, shortSide: () => number) {
    this.#page = page;
    this.#shortSide = shortSide;
    for (const field of [this.#frameRate, this.#soundCodec]) keepField(field, `${page}:${field.id}`);
    this.#frameRate.addEventListener("change", () => this.findCodecs());
    this.#videoCodec.addEventListener("change", () => this.onChange?.());
  }

  /** Finds out what this browser encodes; the form is complete after that. */
  async open(): Promise<void> {
    await this.findCodecs();
    keepField(this.#videoCodec, `${this.#page}:video-codec`);
    this.onChange?.();
  }

  /** As many pictures a second as are wanted. */
  get framesPerSecond(): number {
    return Number(this.#frameRate.value);
  }

  get videoCodec(): VideoCodecName {
    return this.#videoCodec.value as VideoCodecName;
  }

  get soundCodec(): SoundCodec {
    return this.#soundCodec.value as SoundCodec;
  }

  /** A bit rate that suits what is chosen, for a picture of this size, in bits per second. */
  suggested(shortSide: number): number {
    return suggestedBitrate(wideSize(shortSide), this.framesPerSecond, this.videoCodec);
  }

  /** While it is live nothing of this can be changed. */
  setEnabled(isEnabled: boolean): void {
    this.#fields.disabled = !isEnabled;
  }

  /** Lists the codecs in which this browser encodes the largest picture. */
  async findCodecs(): Promise<void> {
    const { framesPerSecond } = this;
    const shortSide = this.#shortSide();
    const bitrate = this.suggested(shortSide);
    const codecs = await findCodecs({ shortSide, framesPerSecond, bitrate }, wideSize(shortSide));
    const before = this.videoCodec;
    const options = codecs.map((codec) => make("option", { value: codec, textContent: codecName(codec) }));
    this.#videoCodec.replaceChildren(...options);
    if (codecs.includes(before)) this.#videoCodec.value = before;
    const fault = codecs.length ? undefined : "This browser encodes no video of this size.";
    showText(byId("codec-note", HTMLElement), fault);
    this.onChange?.();
  }
}
