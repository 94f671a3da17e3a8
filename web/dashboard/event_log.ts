/// <reference lib="dom" />
import { breakable, make } from "../shared/dom.ts";
import { describeEvent } from "./event_words.ts";
import type { ServerEvent } from "./shapes.ts";

/** So many of the newest events are shown. */
const SHOWN = 100;

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Shows what happens, the newest first. */
export class EventLog {
  readonly #list: HTMLElement;
  readonly #note: HTMLElement;

  constructor(list: HTMLElement, note: HTMLElement) {
    this.#list = list;
    this.#note = note;
  }

  /** Shows an event above all others. */
  add(event: ServerEvent): void {
    const { tone, text } = describeEvent(event);
    const item = make(
      "li",
      {},
      make("time", { dateTime: event.time, textContent: CLOCK.format(new Date(event.time)) }),
      ...breakable(text),
    );
    item.dataset.tone = tone;
    this.#list.prepend(item);
    this.#note.hidden = true;
    if (this.#list.children.length > SHOWN) this.#list.lastElementChild?.remove();
  }
}
