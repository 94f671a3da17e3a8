/// <reference lib="dom" />
import { make } from "../../shared/dom.ts";
import type { SceneItem } from "./compositor.ts";
import type { SceneActions } from "./scene_view.ts";
import { TextPart } from "./text_part.ts";

/** What kinds of parts are called. */
const KINDS = {
  screen: "Screen",
  camera: "Camera",
  microphone: "Microphone",
  film: "Film",
  picture: "Picture",
  text: "Text",
} as const;

/** The list of what is in a scene, front first, with volumes, texts and places. */
export class PartsView {
  readonly #list: HTMLElement;
  readonly #note: HTMLElement;
  readonly #actions: SceneActions & { reshape(item: SceneItem): void };
  readonly #entries = new Map<SceneItem, HTMLLIElement>();

  constructor(list: HTMLElement, note: HTMLElement, actions: SceneActions & { reshape(item: SceneItem): void }) {
    this.#list = list;
    this.#note = note;
    this.#actions = actions;
  }

  /** Shows these items, given back to front; entries that stay keep the keyboard's focus. */
  show(items: readonly SceneItem[], selected: SceneItem | undefined): void {
    for (const [item, entry] of this.#entries) {
      if (items.includes(item)) continue;
      entry.remove();
      this.#entries.delete(item);
    }
    this.#note.hidden = items.length > 0;
    const entries = items.toReversed().map((item) => {
      const entry = this.#entries.get(item) ?? this.#add(item);
      entry.classList.toggle("selected", item === selected);
      return entry;
    });
    if (entries.some((entry, i) => this.#list.children[i] !== entry)) this.#sort(entries);
  }

  /** Puts the entries in order without taking the focus away. */
  #sort(entries: readonly HTMLLIElement[]): void {
    const focused = document.activeElement;
    this.#list.append(...entries);
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus();
  }

  #add(item: SceneItem): HTMLLIElement {
    const { part } = item;
    const name = make("button", { type: "button", className: "part-name", textContent: part.name });
    name.addEventListener("click", () => this.#actions.select(item));
    const buttons = [
      ...part.aspect === undefined ? [] : [
        this.#button("▲", `Bring ${part.name} forward`, () => this.#actions.raise(item, 1)),
        this.#button("▼", `Send ${part.name} back`, () => this.#actions.raise(item, -1)),
      ],
      this.#button("✕", `Remove ${part.name}`, () => this.#actions.remove(item)),
    ];
    const head = make("div", { className: "part-head" }, make("small", { textContent: KINDS[part.kind] }), name);
    const entry = make("li", { className: "part" }, head, make("div", { className: "part-buttons" }, ...buttons));
    if (part.sound) entry.append(this.#fader(item));
    if (part instanceof TextPart) entry.append(this.#textFields(item, part, name));
    this.#entries.set(item, entry);
    return entry;
  }

  #button(text: string, label: string, onClick: () => void): HTMLButtonElement {
    const button = make("button", { type: "button", className: "secondary icon", textContent: text, title: label });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", onClick);
    return button;
  }

  #fader({ part }: SceneItem): HTMLElement {
    const range = { type: "range", min: "0", max: "2", step: "0.05", value: String(part.sound!.volume) };
    const fader = make("input", range);
    fader.setAttribute("aria-label", `Volume of ${part.name}`);
    fader.addEventListener("input", () => part.sound!.volume = Number(fader.value));
    return fader;
  }

  #textFields(item: SceneItem, part: TextPart, name: HTMLElement): HTMLElement {
    const text = make("input", { value: part.text });
    text.setAttribute("aria-label", "Text");
    const color = make("input", { type: "color", value: part.color });
    color.setAttribute("aria-label", "Colour of the text");
    text.addEventListener("input", () => {
      part.text = text.value;
      name.textContent = part.name;
      this.#actions.reshape(item);
    });
    color.addEventListener("input", () => part.color = color.value);
    return make("div", { className: "part-text field" }, text, color);
  }
}
