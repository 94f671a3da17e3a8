/// <reference lib="dom" />
import { make } from "../shared/dom.ts";
import { bitrateText } from "../shared/units.ts";

/** The level's number that means whichever fits the connection. */
export const AUTOMATIC = -1;

/** A quality that a stream is offered in. */
export interface Level {
  readonly id: number;
  /** In pixels; 0 or absent when it is not known. */
  readonly height?: number;
  /** In bits per second. */
  readonly bitrate: number;
}

/** Lets the viewer choose a quality; not there for streams that have one only. */
export class QualityMenu {
  readonly #field: HTMLElement;
  readonly #select: HTMLSelectElement;
  #choose?: (id: number) => void;

  /** `field` holds the label and the list. */
  constructor(field: HTMLElement, select: HTMLSelectElement) {
    this.#field = field;
    this.#select = select;
    select.addEventListener("change", () => this.#choose?.(Number(select.value)));
  }

  /** Shows these qualities, the best one first; `choose` is told which one the viewer wants. */
  open(levels: readonly Level[], choose: (id: number) => void): void {
    this.#choose = choose;
    const sorted = levels.toSorted((a, b) => b.bitrate - a.bitrate);
    const options = sorted.map((level) => make("option", { value: String(level.id), textContent: levelName(level) }));
    this.#select.replaceChildren(make("option", { value: String(AUTOMATIC), textContent: "Automatic" }), ...options);
    this.#field.hidden = levels.length < 2;
  }

  /** Says which quality is being played, also when it was not the viewer who chose it. */
  showCurrent(id: number): void {
    const option = this.#select.querySelector(`option[value="${id}"]`);
    this.#select.options[0].textContent = option ? `Automatic (${option.textContent})` : "Automatic";
  }

  close(): void {
    this.#choose = undefined;
    this.#field.hidden = true;
  }
}

/** `720p, 2.4 Mbit/s`. */
function levelName({ height, bitrate }: Level): string {
  return height ? `${height}p, ${bitrateText(bitrate)}` : bitrateText(bitrate);
}
