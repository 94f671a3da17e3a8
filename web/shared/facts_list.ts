/// <reference lib="dom" />
import { make } from "./dom.ts";
import type { Fact } from "./facts.ts";

/** Shows facts in a definition list; a value that stays is not touched. */
export class FactsList {
  readonly #list: HTMLElement;
  readonly #values = new Map<string, HTMLElement>();

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  show(facts: readonly Fact[]): void {
    for (const [label, value] of facts) {
      const element = this.#values.get(label) ?? this.#add(label);
      if (element.textContent !== value) element.textContent = value;
    }
    this.#list.hidden = false;
  }

  hide(): void {
    this.#list.hidden = true;
  }

  #add(label: string): HTMLElement {
    const value = make("dd", {});
    this.#list.append(make("div", {}, make("dt", { textContent: label }), value));
    this.#values.set(label, value);
    return value;
  }
}
