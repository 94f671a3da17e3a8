/// <reference lib="dom" />
import type { Size } from "../encode/picture_size.ts";
import type { Box } from "./scene.ts";
import type { ScenePart } from "./scene_part.ts";

/** A part of a scene and where it stands. */
export interface SceneItem {
  readonly part: ScenePart;
  /** In parts of the picture; of no meaning for a sound alone. */
  box: Box;
}

/** What is seen where nothing is. */
const GROUND = "#071019";

/** Draws a scene on a canvas. */
export class Compositor {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  /** Back to front. */
  items: readonly SceneItem[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false })!;
  }

  /** The picture's width over its height. */
  get aspect(): number {
    return this.canvas.width / this.canvas.height;
  }

  /** The shape that a part's box has; 1 is that of the picture. */
  shapeOf({ aspect = 1 }: ScenePart): number {
    return aspect / this.aspect;
  }

  /** Makes the picture so large, in pixels. */
  resize({ width, height }: Size): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  /** Draws all parts as they are now. */
  draw(): void {
    const { width, height } = this.canvas;
    this.#context.fillStyle = GROUND;
    this.#context.fillRect(0, 0, width, height);
    for (const { part, box } of this.items) {
      const area = { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height };
      if (part.aspect !== undefined) part.draw?.(this.#context, area);
    }
  }
}
