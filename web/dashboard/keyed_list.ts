/// <reference lib="dom" />

/** An element that shows one thing and is kept as long as that is there. */
export interface View<T> {
  readonly element: HTMLElement;
  update(item: T): void;
}

/** Shows a list of things, each by an element of its own: what stays keeps its place and the keyboard's focus. */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #create: (item: T) => View<T>;
  readonly #views = new Map<string, View<T>>();

  constructor(parent: HTMLElement, keyOf: (item: T) => string, create: (item: T) => View<T>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  /** Shows these things in this order. */
  show(items: readonly T[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, { element }] of this.#views) {
      if (keys.has(key)) continue;
      element.remove();
      this.#views.delete(key);
    }
    for (const [i, item] of items.entries()) this.#showAt(i, item);
  }

  #showAt(place: number, item: T): void {
    const key = this.#keyOf(item);
    let view = this.#views.get(key);
    if (!view) this.#views.set(key, view = this.#create(item));
    view.update(item);
    const there = this.#parent.children[place];
    if (there !== view.element) this.#parent.insertBefore(view.element, there ?? null);
  }
}
