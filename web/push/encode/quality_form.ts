/// <reference lib="dom" />
import { byId } from "../../shared/dom.ts";
import { CodecForm } from "./codec_form.ts";
import { keepField } from "../keep_field.ts";
import type { VideoFormat } from "./video_encoding.ts";

/** The lowest bit rate that is taken from the form, in bits per second. */
const MIN_BITRATE = 100_000;

/** The choice of size and bit rate for a page that publishes one stream, beside that of its codecs. */
export class QualityForm {
  readonly #shortSide = byId("short-side", HTMLSelectElement);
  readonly #bitrate = byId("bitrate", HTMLInputElement);
  readonly codecs: CodecForm;

  /** `page` names the page among what the browser keeps. */
  constructor(page: string) {
    for (const field of [this.#shortSide, this.#bitrate]) keepField(field, `${page}:${field.id}`);
    this.codecs = new CodecForm(page, () => this.shortSide);
    this.codecs.onChange = () => this.#bitrate.placeholder = `automatic: ${this.#suggested / 1000}`;
    this.#shortSide.addEventListener("change", () => this.codecs.findCodecs());
  }

  /** The shorter side of the picture, in pixels. */
  get shortSide(): number {
    return Number(this.#shortSide.value);
  }

  /** What the video encoder is to make. */
  get format(): VideoFormat {
    const chosen = Number(this.#bitrate.value) * 1000;
    return {
      codec: this.codecs.videoCodec,
      shortSide: this.shortSide,
      framesPerSecond: this.codecs.framesPerSecond,
      bitrate: chosen >= MIN_BITRATE ? chosen : this.#suggested,
    };
  }

  get #suggested(): number {
    return this.codecs.suggested(this.shortSide);
  }
}
