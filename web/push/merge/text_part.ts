/// <reference lib="dom" />
import type { ScenePart } from "./scene_part.ts";

/** The size at which a text is measured, in pixels. */
const MEASURE_PX = 100;

/** How high a line is, and what is left free before and behind it, in parts of the letters' size. */
const LINE = 1.3;
const MARGIN = 0.35;

/** One line of text. */
export class TextPart implements ScenePart {
  readonly kind = "text";
  readonly #measure = document.createElement("canvas").getContext("2d")!;
  text: string;
  /** `#rrggbb`. */
  color = "#ffffff";
  /** Whether there is a dark ground behind it. */
  hasGround = true;

  constructor(text: string) {
    this.text = text;
  }

  get name(): string {
    return this.text.trim() || "Text";
  }

  get aspect(): number {
    this.#measure.font = fontOf(MEASURE_PX);
    const { width } = this.#measure.measureText(this.text);
    return (width / MEASURE_PX + 2 * MARGIN) / LINE;
  }

  draw(context: CanvasRenderingContext2D, area: { x: number; y: number; width: number; height: number }): void {
    const { x, y, width, height } = area;
    const size = height / LINE;
    if (this.hasGround) {
      context.fillStyle = "rgb(7 16 25 / 70%)";
      context.fillRect(x, y, width, height);
    }
    context.font = fontOf(size);
    context.fillStyle = this.color;
    context.textBaseline = "middle";
    context.fillText(this.text, x + size * MARGIN, y + height / 2, Math.max(1, width - 2 * size * MARGIN));
  }

  [Symbol.dispose](): void {
    this.text = "";
  }
}

function fontOf(size: number): string {
  return `600 ${size}px system-ui, sans-serif`;
}
