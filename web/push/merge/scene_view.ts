/// <reference lib="dom" />
import { make } from "../../shared/dom.ts";
import type { SceneItem } from "./compositor.ts";
import { type Box, keyedBox, moveBox, resizeBox } from "./scene.ts";

/** What a person does to the items of a scene. */
export interface SceneActions {
  select(item: SceneItem): void;
  /** Moved or made larger or smaller. */
  place(item: SceneItem, box: Box): void;
  /** To the front by so many places; negative to the back. */
  raise(item: SceneItem, places: number): void;
  remove(item: SceneItem): void;
}

/** A drag that is going on. */
interface Drag {
  readonly item: SceneItem;
  readonly isResize: boolean;
  readonly box: Box;
  readonly x: number;
  readonly y: number;
}

/** Frames over a scene's picture, by which its items are taken hold of with a pointer or with keys. */
export class SceneView {
  readonly #board: HTMLElement;
  readonly #actions: SceneActions;
  readonly #frames = new Map<SceneItem, HTMLButtonElement>();
  #drag?: Drag;

  constructor(board: HTMLElement, actions: SceneActions) {
    this.#board = board;
    this.#actions = actions;
    board.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const type of ["pointerup", "pointercancel"]) board.addEventListener(type, () => this.#drag = undefined);
  }

  /** Shows these items, back to front; frames that stay keep the keyboard's focus. */
  show(items: readonly SceneItem[], selected: SceneItem | undefined): void {
    for (const [item, frame] of this.#frames) {
      if (items.includes(item) && item.part.aspect !== undefined) continue;
      frame.remove();
      this.#frames.delete(item);
    }
    items.forEach((item, i) => {
      if (item.part.aspect === undefined) return;
      const frame = this.#frames.get(item) ?? this.#add(item);
      frame.style.zIndex = String(i + 1);
      frame.setAttribute("aria-pressed", String(item === selected));
      place(frame, item);
    });
  }

  focus(item: SceneItem): void {
    this.#frames.get(item)?.focus();
  }

  #add(item: SceneItem): HTMLButtonElement {
    const handle = make("span", { className: "handle" });
    const frame = make("button", { type: "button", className: "frame" }, handle);
    frame.setAttribute("aria-describedby", "scene-help");
    frame.addEventListener("focus", () => this.#actions.select(item));
    frame.addEventListener("keydown", (event) => this.#onKey(event, item));
    frame.addEventListener("pointerdown", (event) => {
      frame.focus();
      this.#board.setPointerCapture(event.pointerId);
      const { clientX: x, clientY: y } = event;
      this.#drag = { item, isResize: event.target === handle, box: item.box, x, y };
      event.preventDefault();
    });
    this.#board.append(frame);
    this.#frames.set(item, frame);
    return frame;
  }

  #onMove({ clientX, clientY }: PointerEvent): void {
    if (!this.#drag) return;
    const { item, isResize, box, x, y } = this.#drag;
    const { width, height } = this.#board.getBoundingClientRect();
    const [dx, dy] = [(clientX - x) / width, (clientY - y) / height];
    this.#actions.place(item, isResize ? resizeBox(box, box.width + dx) : moveBox(box, dx, dy));
  }

  #onKey(event: KeyboardEvent, item: SceneItem): void {
    const box = keyedBox(item.box, event);
    if (box) this.#actions.place(item, box);
    else if (event.key === "PageUp") this.#actions.raise(item, 1);
    else if (event.key === "PageDown") this.#actions.raise(item, -1);
    else if (event.key === "Delete" || event.key === "Backspace") this.#actions.remove(item);
    else return;
    event.preventDefault();
  }
}

function place(frame: HTMLButtonElement, { part, box }: SceneItem): void {
  const percent = (value: number) => `${(value * 100).toFixed(2)}%`;
  frame.style.left = percent(box.x);
  frame.style.top = percent(box.y);
  frame.style.width = percent(box.width);
  frame.style.height = percent(box.height);
  const [width, x, y] = [box.width, box.x, box.y].map((value) => Math.round(value * 100));
  frame.setAttribute("aria-label", `${part.name}: ${width} % wide, ${x} % from the left, ${y} % from the top`);
}
